/// Text for HTML and XML, inside of elements and of quoted attributes.
///
/// What servers say is theirs, so nothing in it may become markup.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An `svg` element as a file of its own, with the styles that make it legible on light and on dark.
#[must_use]
pub fn file(svg: &str) -> String {
    let style = format!(
        "<style>svg{{background:#FFFFFF}}@media (prefers-color-scheme:dark){{svg{{background:#0D1117}}}}{}</style>\n",
        super::stylesheet()
    );
    let (head, rest) = svg.split_once('>').unwrap_or((svg, ""));
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{head}>\n{style}{rest}")
}

/// Text without control characters, which XML does not allow, and without those that turn the
/// direction of writing.
#[must_use]
pub fn printable(text: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    text.replace(hidden, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_own_styles() {
        let file = file("<svg role=\"img\"><circle/></svg>\n");
        assert!(file.starts_with("<?xml "));
        assert_eq!(file.matches("<svg ").count(), 1);
        assert_eq!(file.matches("<style>").count(), 1);
        assert!(file.contains("prefers-color-scheme:dark"));
        assert!(file.ends_with("</style>\n<circle/></svg>\n"), "{file}");
    }

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(
            escape("<script>\"a\" & 'b'</script>"),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"
        );
        assert_eq!(
            escape("a\0b\u{1b}c\u{202e}d\u{ffff}"),
            "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}"
        );
        assert_eq!(escape("time.example:123"), "time.example:123");
    }
}
