use core::fmt;

/// One variable of a list: a name and perhaps a value.
///
/// # Examples
///
/// See [`Variables`].
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Variable<'a> {
    /// The name, without space around it.
    pub name: &'a [u8],
    /// The value, without quotes or space around it; `None` where no `=` follows the name, as in
    /// requests.
    pub value: Option<&'a [u8]>,
}

/// Goes through a list of variables: `name=value, name="quoted, text", name`.
///
/// Reads as `ntpq` does: commas and ends of line separate, unless they stand in quotes; space around
/// names and values does not count; there is no escape for a quote. A quote that is never closed
/// reaches to the end. Any octets give some list, so there are no errors; what is not UTF-8 passes
/// through.
///
/// Defined in [RFC 9327 § 4](https://www.rfc-editor.org/rfc/rfc9327#section-4).
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::Variables;
///
/// let variables = Variables::new(b"stratum=2, version=\"ntpd 4, old\",\r\nfiltdelay= 0.00 0.01");
/// assert_eq!(variables.get(b"version"), Some(&b"ntpd 4, old"[..]));
/// assert_eq!(variables.get(b"filtdelay"), Some(&b"0.00 0.01"[..]));
///
/// let names: Vec<_> = variables.map(|variable| variable.name).collect();
/// assert_eq!(names, [&b"stratum"[..], b"version", b"filtdelay"]);
/// ```
#[derive(Clone, Debug)]
pub struct Variables<'a> {
    rest: &'a [u8],
}

impl<'a> Variables<'a> {
    /// Goes through the data of a message, or of several that were put together.
    #[must_use]
    pub const fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    /// The value of the first variable of that name, of those that are still to come.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.clone()
            .find(|variable| variable.name == name)
            .and_then(|variable| variable.value)
    }
}

impl<'a> Iterator for Variables<'a> {
    type Item = Variable<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self
            .rest
            .iter()
            .position(|&octet| !is_separator(octet) && !is_space(octet));
        let Some(item) = start.and_then(|start| self.rest.get(start..)) else {
            self.rest = &[];
            return None;
        };
        let mut quoted = false;
        let end = item.iter().position(|&octet| {
            quoted ^= octet == b'"';
            !quoted && is_separator(octet)
        });
        let (item, rest) = item.split_at_checked(end.unwrap_or(item.len()))?;
        self.rest = rest;
        let mut parts = item.splitn(2, |&octet| octet == b'=');
        Some(Variable {
            name: trim(parts.next().unwrap_or_default()),
            value: parts.next().map(|value| unquote(trim(value))),
        })
    }
}

impl core::iter::FusedIterator for Variables<'_> {}

impl<'a> Variable<'a> {
    /// The name as text, if it is UTF-8.
    #[must_use]
    pub const fn name_str(&self) -> Option<&'a str> {
        match core::str::from_utf8(self.name) {
            Ok(name) => Some(name),
            Err(_) => None,
        }
    }

    /// The value as text, if there is one and it is UTF-8.
    #[must_use]
    pub fn value_str(&self) -> Option<&'a str> {
        self.value
            .and_then(|value| core::str::from_utf8(value).ok())
    }
}

impl fmt::Debug for Variable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Variable({self})")
    }
}

/// `name=value`, or the name alone; what is not printable ASCII is escaped, and values with spaces
/// or commas are in quotes.
impl fmt::Display for Variable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name.escape_ascii())?;
        match self.value {
            None => Ok(()),
            Some(value) if value.iter().any(|octet| b" ,".contains(octet)) => {
                write!(f, "=\"{}\"", value.escape_ascii())
            }
            Some(value) => write!(f, "={}", value.escape_ascii()),
        }
    }
}

/// Ends a variable. NUL is padding that was counted.
const fn is_separator(octet: u8) -> bool {
    matches!(octet, b',' | b'\r' | b'\n' | 0)
}

const fn is_space(octet: u8) -> bool {
    octet.is_ascii_whitespace()
}

const fn trim(octets: &[u8]) -> &[u8] {
    octets.trim_ascii()
}

/// Takes off a quote at the start, and its partner if that is the end.
fn unquote(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inner @ .., b'"'] | [b'"', inner @ ..] => inner,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(data: &[u8]) -> Vec<(&[u8], Option<&[u8]>)> {
        Variables::new(data)
            .map(|variable| (variable.name, variable.value))
            .collect()
    }

    #[test]
    fn rfc_9327_section_4_lists() {
        assert_eq!(read(b""), []);
        assert_eq!(read(b" ,\r\n,\0 "), []);
        assert_eq!(
            read(b"a,b ,c"),
            [(&b"a"[..], None), (b"b", None), (b"c", None)]
        );
        assert_eq!(
            read(b"a=1,\r\nb= x y ,c=\"1, 2\"\r\nd=,e"),
            [
                (&b"a"[..], Some(&b"1"[..])),
                (b"b", Some(b"x y")),
                (b"c", Some(b"1, 2")),
                (b"d", Some(b"")),
                (b"e", None)
            ]
        );
    }

    #[test]
    fn odd_lists_are_read_somehow() {
        assert_eq!(
            read(b"a==b,=c,d=\"x, y"),
            [
                (&b"a"[..], Some(&b"=b"[..])),
                (b"", Some(b"c")),
                (b"d", Some(b"x, y"))
            ]
        );
        assert_eq!(read(b"a=\""), [(&b"a"[..], Some(&b""[..]))]);
        assert_eq!(read(b"\xff=\xfe\""), [(&b"\xff"[..], Some(&b"\xfe\""[..]))]);
    }

    #[test]
    fn variables_are_shown_as_in_a_list() {
        let shown = |data| Variables::new(data).next().unwrap().to_string();
        assert_eq!(shown(b"a"), "a");
        assert_eq!(shown(b"a=\"b c\""), "a=\"b c\"");
        assert_eq!(shown(b"a=\xff"), "a=\\xff");
    }

    #[test]
    fn text_is_given_only_where_it_is_utf_8() {
        let variable = Variables::new(b"name=\xff").next().unwrap();
        assert_eq!(
            (variable.name_str(), variable.value_str()),
            (Some("name"), None)
        );
    }

    proptest! {
        #[test]
        fn any_octets_end(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Variables::new(&data).count() <= data.len());
        }

        #[test]
        fn what_is_written_is_read(
            list in proptest::collection::vec(("[a-z._]{1,9}", proptest::option::of("[a-z0-9 ,.:]{0,20}")), 0..9),
        ) {
            let text = list.iter().map(|(name, value)| match value {
                Some(value) => format!("{name}=\"{value}\""),
                None => name.clone(),
            }).collect::<Vec<_>>().join(", ");
            let read: Vec<_> = Variables::new(text.as_bytes())
                .map(|variable| (variable.name_str().unwrap().to_owned(), variable.value_str().map(str::to_owned)))
                .collect();
            prop_assert_eq!(read, list);
        }
    }
}
