use core::fmt;

use horolog_ntp::{ExtensionField, Header, KissCode, Reply};

use crate::packet::fields::walked;

/// What came in answer to a protected request.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum NtsReply<'a> {
    /// An authentic reply. The exchange is over.
    Authentic(AuthenticReply<'a>),
    /// The server could not open the cookie or authenticate the request (NTS NAK, kiss code NTSN).
    ///
    /// Nothing protects it, so the exchange is not over: an authentic reply still counts if it comes
    /// before the next request.
    Nak,
    /// Another kiss code that nothing protects, but that answers the request by its Unique
    /// Identifier and origin timestamp: whoever sent it saw the request. The exchange is not over.
    UnprotectedKiss(KissCode),
}

impl NtsReply<'_> {
    /// The kiss code, if it is one, and whether it is authentic.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::KissCode;
    /// use horolog_nts::NtsReply;
    ///
    /// assert_eq!(NtsReply::Nak.kiss(), Some((KissCode::NTSN, false)));
    /// assert_eq!(NtsReply::UnprotectedKiss(KissCode::RATE).kiss(), Some((KissCode::RATE, false)));
    /// ```
    #[must_use]
    pub const fn kiss(&self) -> Option<(KissCode, bool)> {
        match self {
            Self::Authentic(AuthenticReply {
                reply: Reply::Kiss(code),
                ..
            }) => Some((*code, true)),
            Self::Authentic(_) => None,
            Self::Nak => Some((KissCode::NTSN, false)),
            Self::UnprotectedKiss(code) => Some((*code, false)),
        }
    }
}

/// A reply that opened under the key of the server to the client.
#[derive(Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct AuthenticReply<'a> {
    /// What the server said.
    pub reply: Reply,
    /// Cookies that were taken from it.
    pub cookies: usize,
    /// All that stands before the authenticator.
    authenticated: &'a [u8],
    /// What the authenticator hid.
    plaintext: &'a [u8],
}

impl<'a> AuthenticReply<'a> {
    pub(super) const fn new(
        reply: Reply,
        cookies: usize,
        authenticated: &'a [u8],
        plaintext: &'a [u8],
    ) -> Self {
        Self {
            reply,
            cookies,
            authenticated,
            plaintext,
        }
    }

    /// The extension fields that are authenticated but not encrypted, the Unique Identifier among
    /// them.
    pub fn authenticated_fields(&self) -> impl Iterator<Item = ExtensionField<'a>> + use<'a> {
        walked(self.authenticated.get(Header::LENGTH..).unwrap_or_default())
    }

    /// The extension fields that were encrypted, cookies among them.
    pub fn encrypted_fields(&self) -> impl Iterator<Item = ExtensionField<'a>> + use<'a> {
        walked(self.plaintext)
    }
}

/// What the server said; not what was encrypted, which holds cookies.
impl fmt::Debug for AuthenticReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticReply")
            .field("reply", &self.reply)
            .field("cookies", &self.cookies)
            .finish_non_exhaustive()
    }
}
