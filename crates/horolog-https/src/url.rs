use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::net::Ipv6Addr;
use core::str::FromStr;

use thiserror::Error;

use crate::PATH;

/// Where to ask for the time: `https://HOST[:PORT][/PATH]`.
///
/// Without a path it is [`PATH`]. A name and a password, a fragment, and any octet that does not
/// belong into a URL are refused, so nothing that is made of it can hold a line break.
///
/// # Examples
///
/// ```
/// use horolog_https::TimeUrl;
///
/// let url: TimeUrl = "https://Time.example".parse()?;
/// assert_eq!((url.host(), url.port(), url.path()), ("time.example", 443, "/.well-known/time"));
/// assert_eq!(url.to_string(), "https://time.example/.well-known/time");
///
/// let url: TimeUrl = "https://[2001:db8::1]:8443/time".parse()?;
/// assert_eq!((url.host(), url.authority()), ("2001:db8::1", "[2001:db8::1]:8443"));
/// # Ok::<(), horolog_https::UrlError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TimeUrl {
    /// In lower case, the port only where it is not 443.
    authority: String,
    host: String,
    port: u16,
    path: String,
}

/// A text that does not say where to ask for the time.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum UrlError {
    /// Only HTTPS proves who told the time.
    #[error("the URL does not start with https://")]
    Scheme,
    /// The host is empty, or has octets that no name and no address has.
    #[error("the URL has no host that could be asked")]
    Host,
    /// The port is none.
    #[error("the port of the URL is not in 1..=65535")]
    Port,
    /// The path has octets that do not belong there.
    #[error("the path of the URL has an octet that does not belong there")]
    Path,
}

/// The port of HTTPS ([RFC 9110 § 4.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-4.2.2)).
const HTTPS: u16 = 443;
const SCHEME: &str = "https://";
/// What names in the domain name system have at most.
const MAX_HOST_LENGTH: usize = 253;

impl TimeUrl {
    /// The name or address of the server, without brackets. The certificate has to be for it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port of the server.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The host in brackets where it needs them, and the port where it is not 443.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What is asked there.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for TimeUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text
            .split_at_checked(SCHEME.len())
            .ok_or(UrlError::Scheme)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(UrlError::Scheme);
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let path = match path {
            "" | "/" => PATH,
            path => path,
        };
        let is_path = |octet: u8| octet.is_ascii_graphic() && octet != b'#';
        if !path.starts_with('/') || !path.bytes().all(is_path) {
            return Err(UrlError::Path);
        }
        let authority = authority.to_ascii_lowercase();
        let (host, port) = split(&authority)?;
        let shown = authority
            .get(..authority.len() - port.map_or(0, |digits| digits.len() + 1))
            .unwrap_or(&authority);
        let port = port.map_or(Ok(HTTPS), number)?;
        Ok(Self {
            host: host.to_owned(),
            authority: match port {
                HTTPS => shown.to_owned(),
                port => alloc::format!("{shown}:{port}"),
            },
            port,
            path: path.to_owned(),
        })
    }
}

/// Host and port of an authority in lower case.
fn split(authority: &str) -> Result<(&str, Option<&str>), UrlError> {
    if authority.contains('@') {
        return Err(UrlError::Host); // A name, and maybe a password with a colon in front.
    }
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or(UrlError::Host)?;
        host.parse::<Ipv6Addr>().map_err(|_| UrlError::Host)?;
        return match port.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if port.is_empty() => Ok((host, None)),
            None => Err(UrlError::Host),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_name = |octet: u8| octet.is_ascii_alphanumeric() || b"-._".contains(&octet);
    if !(1..=MAX_HOST_LENGTH).contains(&host.len()) || !host.bytes().all(is_name) {
        return Err(UrlError::Host);
    }
    Ok((host, port))
}

fn number(digits: &str) -> Result<u16, UrlError> {
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    let port = digits.parse().ok().filter(|&port| is_number && port > 0);
    port.ok_or(UrlError::Port)
}

impl fmt::Display for TimeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_ports_and_paths_are_told_apart() {
        for (text, host, port, shown) in [
            (
                "https://a.example/",
                "a.example",
                443,
                "https://a.example/.well-known/time",
            ),
            ("HTTPS://A:443/x?y", "a", 443, "https://a/x?y"),
            (
                "https://127.0.0.1:8443",
                "127.0.0.1",
                8443,
                "https://127.0.0.1:8443/.well-known/time",
            ),
            (
                "https://[::1]",
                "::1",
                443,
                "https://[::1]/.well-known/time",
            ),
            (
                "https://[::1]:1/",
                "::1",
                1,
                "https://[::1]:1/.well-known/time",
            ),
        ] {
            let url: TimeUrl = text.parse().unwrap();
            assert_eq!((url.host(), url.port()), (host, port));
            assert_eq!(url.to_string(), shown);
            assert_eq!(shown.parse(), Ok(url));
        }
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        for (text, error) in [
            ("", UrlError::Scheme),
            ("http://a.example", UrlError::Scheme),
            ("a.example", UrlError::Scheme),
            ("https://", UrlError::Host),
            ("https:///x", UrlError::Host),
            ("https://user@a.example", UrlError::Host),
            ("https://user:password@a.example", UrlError::Host),
            ("https://user:1@[::1]:443", UrlError::Host),
            ("https://a b", UrlError::Host),
            ("https://a\r\nb", UrlError::Host),
            ("https://[::1", UrlError::Host),
            ("https://[::1]x", UrlError::Host),
            ("https://[a]", UrlError::Host),
            ("https://a:", UrlError::Port),
            ("https://a:0", UrlError::Port),
            ("https://a:+1", UrlError::Port),
            ("https://a:65536", UrlError::Port),
            ("https://a/b c", UrlError::Path),
            ("https://a/\r\nX: y", UrlError::Path),
            ("https://a/b#c", UrlError::Path),
            ("https://a?b", UrlError::Path),
        ] {
            assert_eq!(text.parse::<TimeUrl>(), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(text in "https://[a-zA-Z0-9.:\\[\\]-]{0,12}[/?#a-z]{0,4}") {
            if let Ok(url) = text.parse::<TimeUrl>() {
                prop_assert_eq!(url.to_string().parse(), Ok(url));
            }
        }
    }
}
