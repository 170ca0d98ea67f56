//! The house keeps its own rules.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files of the project below a folder that have an ending, without what is built or generated.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_member_inherits_the_lints() {
    let manifests = files(&root(), "Cargo.toml");
    assert!(manifests.len() > 6, "{manifests:?}");
    for path in manifests {
        let text = fs::read_to_string(&path).unwrap();
        let own_workspace = text.contains("[workspace]") || text.contains("[workspace.lints");
        assert!(
            own_workspace || text.contains("[lints]\nworkspace = true"),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_crate_and_program_stands_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            readme.contains(&format!("[{name}](crates/{name})")),
            "{name} is not in README.md"
        );
    }
    for path in fs::read_dir(root().join("examples")).unwrap() {
        let name = path.unwrap().file_name().into_string().unwrap();
        if let Some(program) = name.strip_suffix(".rs") {
            assert!(
                readme.contains(&format!("[{program}](examples/{program}.rs)")),
                "{program} is not in README.md"
            );
        }
    }
}

#[test]
fn sources_below_the_sockets_do_no_io() {
    for name in [
        "horolog-time",
        "horolog-ntp",
        "horolog-ntimed",
        "horolog-nts",
        "horolog-https",
        "horolog-leap-a",
        "horolog-leap-compact",
        "horolog-leap-dns",
        "horolog-leap-list",
    ] {
        for path in files(&root().join("crates").join(name).join("src"), ".rs") {
            let text = fs::read_to_string(&path).unwrap();
            for word in [
                "std::net::Udp",
                "std::net::Tcp",
                "std::fs",
                "SystemTime::now",
                "Instant::now",
                "println!",
            ] {
                assert!(!text.contains(word), "{word} in {}", path.display());
            }
        }
    }
}
