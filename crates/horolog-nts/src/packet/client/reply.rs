use core::fmt;

use horolog_ntp::{ExtensionField, Header, KissCode, Reply};
#[cfg(feature = "unstable-leap-ef")]
use horolog_ntp::{ExtensionType, FieldValue, LeapListField};

#[cfg(feature = "unstable-leap-ef")]
use crate::DecodeError;
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
    /// The type of the field with the list of leap seconds, if it was asked for.
    #[cfg(feature = "unstable-leap-ef")]
    leap_list: Option<ExtensionType>,
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
            #[cfg(feature = "unstable-leap-ef")]
            leap_list: None,
        }
    }

    #[cfg(feature = "unstable-leap-ef")]
    pub(super) const fn with_leap_list(mut self, asked_for: Option<ExtensionType>) -> Self {
        self.leap_list = asked_for;
        self
    }

    /// The answer to [`NtsClient::ask_for_leap_list`](crate::NtsClient::ask_for_leap_list); `None`
    /// where the request did not ask, or the server has no list to give.
    ///
    /// Only what was encrypted is looked at. The first field of the type counts. See
    /// [`LeapListField`] for a list that was left out.
    ///
    /// # Errors
    ///
    /// What is wrong with the field; offsets count from the start of its value.
    #[cfg(feature = "unstable-leap-ef")]
    pub fn leap_list(&self) -> Result<Option<LeapListField<'a>>, DecodeError> {
        let is_asked_for = |field: &ExtensionField<'a>| Some(field.field_type) == self.leap_list;
        let Some(field) = self.encrypted_fields().find(is_asked_for) else {
            return Ok(None);
        };
        let answer = LeapListField::decode_value(field.value)?;
        Ok((!answer.is_request()).then_some(answer))
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
