use alloc::vec::Vec;

use horolog_time::UtcInstant;

use super::grammar::{self, Line, instant};
use crate::LeapListError;
use crate::fault::Fault;

/// Before which line of a leap-seconds.list a comment stands.
///
/// Places are ordered as [`ListWriter`](crate::ListWriter) writes them.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::CommentPlace;
///
/// let first = CommentPlace::Data("1972-01-01T00:00:00Z".parse()?);
/// let second = CommentPlace::Data("1972-07-01T00:00:00Z".parse()?);
/// assert!(CommentPlace::Expires < first && first < second && second < CommentPlace::Hash);
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CommentPlace {
    /// Before `#$`, the time of the last update.
    Updated,
    /// Before `#@`, the expiry.
    Expires,
    /// Before the data line of this instant, or where there is none of the next line after it.
    Data(UtcInstant),
    /// Before `#h`, the hash.
    Hash,
    /// After all of these.
    End,
}

/// The comment lines of a leap-seconds.list and their places, for a list to be written with them.
///
/// They are borrowed from the text and kept as they stand there, `#` and all. What stands after the
/// numbers of a data line is not kept: [`ListWriter`](crate::ListWriter) writes the date there.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::{CommentPlace, ListComments};
///
/// let text = b"# Of old.\n#@ 2303683200\n# All one.\n2272060800 10\n2287785600 11\n";
/// let comments = ListComments::decode(text)?;
/// let first = (CommentPlace::Expires, "# Of old.");
/// assert_eq!(comments.lines().next(), Some(first));
///
/// // Or a line of one's own.
/// let comments = ListComments::none().with(CommentPlace::Updated, "# Made by hand.")?;
/// assert_eq!(comments.lines().count(), 1);
/// # Ok::<(), horolog_leap_list::LeapListError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListComments<'a> {
    /// Ascending by place.
    lines: Vec<(CommentPlace, &'a str)>,
}

impl<'a> ListComments<'a> {
    /// No comments.
    #[must_use]
    pub const fn none() -> Self {
        Self { lines: Vec::new() }
    }

    /// Finds the comments of a list. Whether it is a good one is for
    /// [`LeapSecondsList`](crate::LeapSecondsList) to say.
    ///
    /// # Errors
    ///
    /// [`LeapListError::Malformed`] where a line does not follow the format, or a comment is not UTF-8.
    pub fn decode(text: &'a [u8]) -> Result<Self, LeapListError> {
        let mut lines = Vec::new();
        // So many of them stand before a line that was read.
        let mut placed = 0;
        grammar::lines(text, |line| {
            let place = match line {
                Line::Comment { at, line } => {
                    let expected = "a comment in UTF-8";
                    let line = str::from_utf8(line).map_err(|_| Fault { at, expected })?;
                    let line = line.strip_suffix('\r').unwrap_or(line);
                    lines.push((CommentPlace::End, line));
                    return Ok(());
                }
                Line::Blank => return Ok(()),
                Line::Updated(_) => CommentPlace::Updated,
                Line::Expires(_) => CommentPlace::Expires,
                Line::Data { second, .. } => CommentPlace::Data(instant(second)?.value),
                Line::Hash { .. } => CommentPlace::Hash,
            };
            for (comment, _) in lines.iter_mut().skip(placed) {
                *comment = place;
            }
            placed = lines.len();
            Ok(())
        })
        .map_err(|fault| fault.in_text(text))?;
        lines.sort_by_key(|(place, _)| *place);
        Ok(Self { lines })
    }

    /// The same and one more line, after those that stand at the same place.
    ///
    /// # Errors
    ///
    /// [`LeapListError::Malformed`] where the line is not a comment without its line end.
    pub fn with(mut self, place: CommentPlace, line: &'a str) -> Result<Self, LeapListError> {
        match grammar::line(line.as_bytes()) {
            Ok((b"", Line::Comment { .. })) if !line.ends_with('\n') => {
                let at = self.lines.partition_point(|(before, _)| *before <= place);
                self.lines.insert(at, (place, line));
                Ok(self)
            }
            _ => {
                let expected = "a comment: #, but not #$, #@ or #h, and text without a line end";
                let at = line.as_bytes();
                Err(Fault { at, expected }.in_text(at))
            }
        }
    }

    /// The comments in the order in which they are written, each without its line end.
    pub fn lines(&self) -> impl Iterator<Item = (CommentPlace, &'a str)> {
        self.lines.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_know_the_line_after_them() {
        let text = "# a\n\n#$ 1\n # b\r\n#@ 2303683200\n#c\n2272060800 10 # no\n# d\n#e\n2287785600 11\n#f\n#h 0 0 0 0 0\n#g";
        let data = |text: &str| CommentPlace::Data(text.parse().unwrap());
        let found: Vec<_> = ListComments::decode(text.as_bytes())
            .unwrap()
            .lines()
            .collect();
        let expected = [
            (CommentPlace::Updated, "# a"),
            (CommentPlace::Expires, " # b"),
            (data("1972-01-01T00:00:00Z"), "#c"),
            (data("1972-07-01T00:00:00Z"), "# d"),
            (data("1972-07-01T00:00:00Z"), "#e"),
            (CommentPlace::Hash, "#f"),
            (CommentPlace::End, "#g"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn comments_of_any_order_are_put_in_order() {
        let text = "#h 0 0 0 0 0\n# a\n2272060800 10\n# b\n#@ 1\n# c\n#$ 1\n# d";
        let comments = ListComments::decode(text.as_bytes()).unwrap();
        let found: Vec<_> = comments.lines().map(|(_, line)| line).collect();
        assert_eq!(found, ["# c", "# b", "# a", "# d"]);
    }

    #[test]
    fn a_malformed_line_is_an_error() {
        let error = ListComments::decode(b"# a\n#@ 1 x\n").unwrap_err();
        let expected = "line 2, offset 9: expected the end of the line";
        assert_eq!(error.to_string(), expected);
        let error = ListComments::decode(b"\n# \xe9\n#@ 1\n").unwrap_err();
        let expected = "line 2, offset 1: expected a comment in UTF-8";
        assert_eq!(error.to_string(), expected);
        assert!(ListComments::decode(b"9999999999999999 10").is_err());
    }

    #[test]
    fn only_comments_are_taken() {
        let none = ListComments::none();
        for line in ["# a", "#", " #$ 1", "#hash", "# \u{e9}"] {
            assert!(none.clone().with(CommentPlace::End, line).is_ok(), "{line}");
        }
        for line in [
            "",
            "a",
            "#a\n",
            "#a\n#b",
            "#$ 1",
            "#@",
            "#h 0 0 0 0 0",
            "1 2",
        ] {
            let error = none.clone().with(CommentPlace::End, line).unwrap_err();
            let malformed = matches!(
                error,
                LeapListError::Malformed {
                    line: 1,
                    offset: 0,
                    ..
                }
            );
            assert!(malformed, "{line}: {error}");
        }
    }
}
