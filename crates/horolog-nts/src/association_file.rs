use alloc::string::ToString;
use alloc::vec::Vec;

use horolog_ntp::EncodeError;
use zeroize::Zeroizing;

use crate::saved::{SavedReader, SavedWriter, value_error};
use crate::{
    AeadAlgorithm, Association, CookieJar, DecodeError, DecodeErrorKind, JarError, KeyError,
    MAX_SERVER_NAME_LENGTH, NextProtocol, Record, RecordType, SessionKeys,
};

const MAGIC: [u8; 4] = *b"HNAS";
const VERSION: u8 = 1;

/// Octets between the version and the server's name.
const HEAD_LENGTH: usize = 9;

const HAS_SERVER: u8 = 1;
const HAS_PORT: u8 = 2;
const HAS_ALTERNATIVE: u8 = 4;

impl Association {
    /// All of it as octets, to be saved where none but the client can read them, so that a restart
    /// needs no key establishment, as RFC 8915 wants it.
    ///
    /// Cookies that are used after this are in it still. Save again, or remove what was saved once it
    /// is loaded: a cookie that is used twice tells that it was one client.
    ///
    /// Layout, version 1:
    ///
    /// | octets | what |
    /// |---|---|
    /// | 4 | `HNAS` |
    /// | 1 | version, 1 |
    /// | 1 | what follows: 1 server, 2 port, 4 alternative keys, added |
    /// | 2 | next protocol |
    /// | 2 | AEAD algorithm of the keys |
    /// | 2 | port, or 0 |
    /// | 1 | number of cookies, 0 to 8 |
    /// | 1 | octets of the server's name, or 0 |
    /// | | the server's name |
    /// | | key client to server, key server to client |
    /// | 2, | AEAD algorithm of the alternative keys, and those |
    /// | 2, each | length of a cookie, 1 to 1024, and the cookie; the oldest first |
    /// | 32 | SHA-256 of all before |
    ///
    /// # Errors
    ///
    /// * [`EncodeError::TooLong`] for a server's name above 255 octets.
    /// * [`EncodeError::Ambiguous`] for one that is empty, or not printable ASCII without spaces.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_nts::{AeadAlgorithm, Association, CookieJar, SessionKeys};
    ///
    /// let mut cookies = CookieJar::new();
    /// cookies.push(b"as the server gave it")?;
    /// let keys = SessionKeys::new(AeadAlgorithm::AES_SIV_CMAC_256, &[1; 32], &[2; 32])?;
    /// let association = Association {
    ///     server: Some("ntp.example".into()),
    ///     ..Association::new(keys, cookies)
    /// };
    /// let saved = association.encode()?;
    /// let mut loaded = Association::decode(&saved)?;
    /// assert_eq!(loaded.server.as_deref(), Some("ntp.example"));
    /// assert_eq!(loaded.cookies.take(), Some(&b"as the server gave it"[..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
        let server = self.server.as_deref().unwrap_or_default();
        let too_long = EncodeError::TooLong {
            field: "server",
            length: server.len(),
            max: MAX_SERVER_NAME_LENGTH,
        };
        let server_length = u8::try_from(server.len()).map_err(|_| too_long)?;
        if self.server.is_some() && server_name(server.as_bytes()).is_err() {
            return Err(EncodeError::Ambiguous {
                field: "server",
                reason: "it is empty or not printable ASCII",
            });
        }
        let keys_length = |keys: &SessionKeys| 2 * keys.client_to_server().secret().len();
        let cookies: usize = self.cookies.iter().map(|cookie| 2 + cookie.len()).sum();
        let length = HEAD_LENGTH
            + server.len()
            + keys_length(&self.keys)
            + self
                .alternative_keys
                .as_ref()
                .map_or(0, |keys| 2 + keys_length(keys))
            + cookies;
        let flag = |is_there, flag| if is_there { flag } else { 0 };
        let mut writer = SavedWriter::new(MAGIC, VERSION, length);
        writer.put(&[flag(self.server.is_some(), HAS_SERVER)
            | flag(self.port.is_some(), HAS_PORT)
            | flag(self.alternative_keys.is_some(), HAS_ALTERNATIVE)]);
        writer.put(&self.next_protocol.number().to_be_bytes());
        writer.put(&self.keys.algorithm().number().to_be_bytes());
        writer.put(&self.port.unwrap_or(0).to_be_bytes());
        writer.put(&[u8::try_from(self.cookies.len()).unwrap_or(0), server_length]);
        writer.put(server.as_bytes());
        put_keys(&mut writer, &self.keys);
        if let Some(keys) = &self.alternative_keys {
            writer.put(&keys.algorithm().number().to_be_bytes());
            put_keys(&mut writer, keys);
        }
        for cookie in self.cookies.iter() {
            let length = u16::try_from(cookie.len()).unwrap_or(0);
            writer.put(&length.to_be_bytes());
            writer.put(cookie);
        }
        Ok(writer.finish())
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], with field and offset, for octets that are damaged and for those that no
    /// association encodes to.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = SavedReader::new(octets, MAGIC, VERSION, "HNAS, an association")?;
        let at = reader.offset();
        let [flags] = reader.array("flags")?;
        if flags & !(HAS_SERVER | HAS_PORT | HAS_ALTERNATIVE) != 0 {
            return Err(value_error("flags", flags.into(), "0 to 7", at));
        }
        let next_protocol = NextProtocol::from_number(reader.u16("next protocol")?);
        let algorithm_at = reader.offset();
        let algorithm = reader.u16("aead algorithm")?;
        let at = reader.offset();
        let port = reader.u16("port")?;
        if flags & HAS_PORT == 0 && port != 0 {
            return Err(value_error(
                "port",
                port.into(),
                "0 where there is none",
                at,
            ));
        }
        let cookies_at = reader.offset();
        let [count] = reader.array("number of cookies")?;
        if usize::from(count) > CookieJar::CAPACITY {
            return Err(value_error(
                "number of cookies",
                count.into(),
                "0 to 8",
                cookies_at,
            ));
        }
        let at = reader.offset();
        let [server_length] = reader.array("server length")?;
        if (flags & HAS_SERVER == 0) != (server_length == 0) {
            let expected = "0 where there is no server, else more";
            return Err(value_error(
                "server length",
                server_length.into(),
                expected,
                at,
            ));
        }
        let at = reader.offset();
        let server = reader.take("server", server_length.into())?;
        let server = (flags & HAS_SERVER != 0)
            .then(|| server_name(server).map(ToString::to_string))
            .transpose()
            .map_err(|error| error.nested(at))?;
        let keys = take_keys(&mut reader, algorithm, algorithm_at)?;
        let alternative_keys = if flags & HAS_ALTERNATIVE == 0 {
            None
        } else {
            let at = reader.offset();
            let algorithm = reader.u16("alternative aead algorithm")?;
            Some(take_keys(&mut reader, algorithm, at)?)
        };
        let mut cookies = CookieJar::new();
        for _ in 0..count {
            let at = reader.offset();
            let length = reader.u16("cookie length")?;
            let cookie = reader.take("cookie", length.into())?;
            cookies.push(cookie).map_err(|error| match error {
                JarError::Length { length } => {
                    let (field, rule) = ("cookie", "1 to 1024");
                    let kind = DecodeErrorKind::Length {
                        field,
                        length,
                        rule,
                    };
                    DecodeError::new(kind, at)
                }
                JarError::Full => value_error("number of cookies", count.into(), "0 to 8", at),
            })?;
        }
        reader.finish("the last cookie")?;
        Ok(Self {
            next_protocol,
            keys,
            alternative_keys,
            cookies,
            server,
            port: (flags & HAS_PORT != 0).then_some(port),
        })
    }
}

/// The rule for servers' names is that of their record.
fn server_name(octets: &[u8]) -> Result<&str, DecodeError> {
    let record = Record {
        critical: false,
        record_type: RecordType::SERVER,
        body: octets,
    };
    record.server_name()
}

fn put_keys(writer: &mut SavedWriter, keys: &SessionKeys) {
    writer.put(keys.client_to_server().secret());
    writer.put(keys.server_to_client().secret());
}

fn take_keys(
    reader: &mut SavedReader<'_>,
    algorithm: u16,
    algorithm_at: usize,
) -> Result<SessionKeys, DecodeError> {
    let number = algorithm.into();
    let algorithm = AeadAlgorithm::from_number(algorithm);
    let unknown = value_error(
        "aead algorithm",
        number,
        "one that is spoken here",
        algorithm_at,
    );
    let length = algorithm.key_length().ok_or(unknown)?;
    let client_to_server = reader.take("key client to server", length)?;
    let server_to_client = reader.take("key server to client", length)?;
    SessionKeys::new(algorithm, client_to_server, server_to_client).map_err(|_: KeyError| unknown)
}

#[cfg(test)]
mod tests;
