/// Checks that every element is closed, in order, and that nothing comes from elsewhere.
///
/// # Panics
///
/// Where it is not so.
pub fn assert_whole(markup: &str) {
    const VOID: [&str; 1] = ["meta"];
    let mut open = Vec::new();
    for part in markup.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("{part}"));
        if tag.starts_with(['!', '?']) {
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') {
            let name = tag.split_whitespace().next().expect("a name");
            if !VOID.contains(&name) {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let own = markup
        .replace("xmlns=\"http://www.w3.org/2000/svg\"", "")
        .replace("href=\"#", "");
    for foreign in [
        "http:", "https:", "<script", "<link", "src=", "href=", "@import", "url(",
    ] {
        assert!(!own.contains(foreign), "{foreign}");
    }
    for number in ["NaN", "inf,", ",inf"] {
        assert!(!own.contains(number), "{number}");
    }
}
