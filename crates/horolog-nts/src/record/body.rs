//! What the bodies of records hold.

use super::{NumberList, Record};
use crate::{DecodeError, DecodeErrorKind};

/// The most octets of a cookie that are taken: 1 KiB.
///
/// No RFC names a bound; with cookies of this size a request no longer fits into common MTUs.
pub const MAX_COOKIE_LENGTH: usize = 1024;

/// The most octets of a server's name that are taken, as RFC 1035 § 2.3.4 bounds domain names.
pub const MAX_SERVER_NAME_LENGTH: usize = 255;

/// What stands before a zone identifier.
const ZONE: u8 = b'%';

impl<'a> Record<'a> {
    /// Reads the body as a list of numbers: next protocols, AEAD algorithms. It may be empty.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] where an octet is left over.
    pub fn numbers(&self) -> Result<NumberList<'a>, DecodeError> {
        NumberList::new(self.body).ok_or_else(|| self.wrong_length("a multiple of 2"))
    }

    /// Reads the body as one number: an error, a warning, a port.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] where the body has not two octets.
    pub fn number(&self) -> Result<u16, DecodeError> {
        match *self.body {
            [high, low] => Ok(u16::from_be_bytes([high, low])),
            _ => Err(self.wrong_length("2")),
        }
    }

    /// Takes the body as a cookie.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] where the body is empty or longer than [`MAX_COOKIE_LENGTH`].
    pub fn cookie(&self) -> Result<&'a [u8], DecodeError> {
        match self.body.len() {
            1..=MAX_COOKIE_LENGTH => Ok(self.body),
            _ => Err(self.wrong_length("1 to 1024")),
        }
    }

    /// Reads the body as the name of a server: an IPv4 or IPv6 address or a domain name.
    ///
    /// Whether it is one of these is not looked at, but it is printable ASCII without spaces, and has
    /// no zone identifier of IPv6 (`%eth0`), which
    /// [RFC 8915 § 4.1.7](https://www.rfc-editor.org/rfc/rfc8915#section-4.1.7) forbids: another host
    /// does not know the interfaces of this one.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Length`] where the body is empty or longer than
    ///   [`MAX_SERVER_NAME_LENGTH`].
    /// * [`DecodeErrorKind::Value`] for an octet that is not printable ASCII, and for a `%`.
    pub fn server_name(&self) -> Result<&'a str, DecodeError> {
        if !(1..=MAX_SERVER_NAME_LENGTH).contains(&self.body.len()) {
            return Err(self.wrong_length("1 to 255"));
        }
        let is_good = |octet: &u8| octet.is_ascii_graphic() && *octet != ZONE;
        let end = self.body.iter().take_while(|octet| is_good(octet)).count();
        match (self.body.get(end), core::str::from_utf8(self.body)) {
            (None, Ok(name)) => Ok(name),
            (octet, _) => Err(DecodeError::new(
                DecodeErrorKind::Value {
                    field: self.body_field(),
                    value: octet.copied().unwrap_or_default().into(),
                    expected: match octet {
                        Some(&ZONE) => "no zone identifier",
                        _ => "printable ASCII",
                    },
                },
                end,
            )),
        }
    }

    /// Checks that there is no body: End of Message, and others.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] where there is one.
    pub fn no_body(&self) -> Result<(), DecodeError> {
        if self.body.is_empty() {
            Ok(())
        } else {
            Err(self.wrong_length("0"))
        }
    }

    fn wrong_length(&self, rule: &'static str) -> DecodeError {
        let kind = DecodeErrorKind::Length {
            field: self.body_field(),
            length: self.body.len(),
            rule,
        };
        DecodeError::new(kind, 0)
    }

    fn body_field(&self) -> &'static str {
        use super::RecordType as Type;
        match self.record_type {
            Type::END_OF_MESSAGE => "end-of-message body",
            Type::NEXT_PROTOCOL => "next-protocol body",
            Type::ERROR => "error body",
            Type::WARNING => "warning body",
            Type::AEAD_ALGORITHM => "aead-algorithm body",
            Type::NEW_COOKIE => "new-cookie body",
            Type::SERVER => "server body",
            Type::PORT => "port body",
            other => other.name().unwrap_or("record body"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordType;

    fn record(record_type: RecordType, body: &[u8]) -> Record<'_> {
        Record {
            critical: true,
            record_type,
            body,
        }
    }

    #[test]
    fn numbers() {
        let read = |body| record(RecordType::AEAD_ALGORITHM, body).numbers();
        assert!(read(&[]).unwrap().is_empty());
        let list = read(&[0x80, 0x01, 0, 15]).unwrap();
        assert_eq!(list.len(), 2);
        assert!(list.iter().eq([0x8001, 15]));
        assert_eq!(
            read(&[0, 15, 0]).unwrap_err().to_string(),
            "aead-algorithm body length 3 is not a multiple of 2, at offset 0"
        );
    }

    #[test]
    fn number() {
        let read = |body| record(RecordType::PORT, body).number();
        assert_eq!(read(&[0x11, 0x6c]), Ok(4460));
        for body in [&[][..], &[0], &[0, 0, 0]] {
            assert_eq!(
                read(body).unwrap_err().kind(),
                DecodeErrorKind::Length {
                    field: "port body",
                    length: body.len(),
                    rule: "2"
                }
            );
        }
    }

    #[test]
    fn cookie() {
        let octets = [7; MAX_COOKIE_LENGTH + 1];
        let read = |body| record(RecordType::NEW_COOKIE, body).cookie();
        assert_eq!(read(&octets[..1]), Ok(&octets[..1]));
        assert_eq!(read(&octets[1..]), Ok(&octets[1..]));
        for body in [&[][..], &octets] {
            assert!(
                read(body)
                    .unwrap_err()
                    .to_string()
                    .ends_with("is not 1 to 1024, at offset 0")
            );
        }
    }

    #[test]
    fn server_name() {
        let read = |body| record(RecordType::SERVER, body).server_name();
        assert_eq!(read(b"ntp.example"), Ok("ntp.example"));
        assert_eq!(read(b"fd00:99::1"), Ok("fd00:99::1"));
        assert_eq!(
            read("nt\u{fc}.example".as_bytes()).unwrap_err().to_string(),
            "server body is 0xc3, expected printable ASCII, at offset 2"
        );
        assert_eq!(
            read(b"fe80::1%lo").unwrap_err().to_string(),
            "server body is 0x25, expected no zone identifier, at offset 7"
        );
        for body in [&b"a b"[..], b"a\0", b"\n", b"a\x7f"] {
            let kind = read(body).unwrap_err().kind();
            assert!(matches!(kind, DecodeErrorKind::Value { .. }));
        }
        let octets = [b'a'; MAX_SERVER_NAME_LENGTH + 1];
        assert_eq!(read(&octets[1..]).unwrap().len(), 255);
        for body in [&[][..], &octets] {
            let kind = read(body).unwrap_err().kind();
            assert!(matches!(kind, DecodeErrorKind::Length { .. }));
        }
    }

    #[test]
    fn no_body() {
        assert_eq!(Record::END_OF_MESSAGE.no_body(), Ok(()));
        let error = record(RecordType::from_bits(999), &[1]).no_body();
        assert_eq!(
            error.unwrap_err().to_string(),
            "record body length 1 is not 0, at offset 0"
        );
    }
}
