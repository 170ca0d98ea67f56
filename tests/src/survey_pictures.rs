use alloc::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::assert_whole;

/// The pictures of all servers: the name of the file, the title, and the texts that no other has in
/// this number.
const TOGETHER: [(&str, &str, &[&str]); 7] = [
    ("places", "Where each server puts the time", &[]),
    (
        "densities",
        "How likely each offset is, and the sum",
        &["density (1/s)", "sum", "10", "100"],
    ),
    (
        "densities-peak",
        "The same, around the peak",
        &["density (1/s)", "sum", "10", "100"],
    ),
    (
        "offset",
        "Offset over time, with its bounds",
        &[
            "time since the start (s)",
            "distance from the agreed offset",
        ],
    ),
    (
        "delay",
        "Delay over time",
        &["time since the start (s)", "delay", "10 ms", "100 ms"],
    ),
    (
        "wedge",
        "Offset against delay",
        &["delay", "distance from the agreed offset"],
    ),
    ("histogram", "How often which offset", &["replies"]),
];

/// The same of one server; an axis names its unit behind this.
const ALONE: [(&str, &str, &[&str]); 4] = [
    (
        "offset",
        "Offset over time, with its bounds",
        &["time since the start (", "offset ("],
    ),
    (
        "delay",
        "Delay over time",
        &["time since the start (", "delay ("],
    ),
    (
        "wedge",
        "Offset against delay (the wedge)",
        &["delay (", "offset ("],
    ),
    (
        "histogram",
        "How often which offset",
        &["replies", "offset ("],
    ),
];

/// Checks that the folder has the pictures of these servers and no others, and that each shows what
/// its name says.
///
/// # Panics
///
/// Where it is not so.
pub fn assert_survey_pictures(folder: &Path, names: &[&str]) {
    let files = fs::read_dir(folder).expect("a folder");
    let files: BTreeSet<_> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    let mut expected = BTreeSet::new();
    for (name, title, texts) in TOGETHER {
        let file = format!("together-{name}.svg");
        let picture = Picture::read(&folder.join(&file), title);
        for text in texts {
            picture.assert_has(|is| is == *text, text);
        }
        // The keys of the servers, or their rows.
        for name in names {
            picture.assert_has(|is| is == *name, name);
        }
        let is_density = name.starts_with("densities");
        let peaks = picture
            .texts
            .iter()
            .filter(|text| text.starts_with("peak "));
        assert_eq!(peaks.count(), usize::from(is_density), "{picture:?}");
        let sums = picture.texts.iter().filter(|text| *text == "sum");
        assert_eq!(sums.count(), usize::from(is_density), "{picture:?}");
        expected.insert(file);
    }
    for (number, server) in (1..).zip(names) {
        for (name, title, texts) in ALONE {
            let file = format!("{number:02}-{server}-{name}.svg");
            let picture = Picture::read(&folder.join(&file), title);
            for text in texts {
                picture.assert_has(|is| is.starts_with(text), text);
            }
            expected.insert(file);
        }
    }
    assert_eq!(files, expected);
}

/// What is written in a drawing.
#[derive(Debug)]
struct Picture {
    texts: Vec<String>,
}

impl Picture {
    fn read(path: &Path, title: &str) -> Self {
        let svg = fs::read_to_string(path).unwrap_or_else(|_| panic!("no {}", path.display()));
        assert!(svg.starts_with("<?xml "), "{}", path.display());
        assert_whole(&svg);
        let texts = svg.split("<text").skip(1).map(|text| {
            let (_, text) = text.split_once('>').expect("a tag");
            let (text, _) = text.split_once("</text>").expect("a text");
            text.trim().to_owned()
        });
        let picture = Self {
            texts: texts.collect(),
        };
        picture.assert_has(|text| text == title, title);
        picture
    }

    #[track_caller]
    fn assert_has(&self, is: impl Fn(&str) -> bool, what: &str) {
        assert!(self.texts.iter().any(|text| is(text)), "{what}: {self:?}");
    }
}
