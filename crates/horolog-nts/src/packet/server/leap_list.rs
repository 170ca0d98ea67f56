use horolog_ntp::{ExtensionType, FieldValue, Header, LeapListField, PrivateExtensionType};
use rand_core::CryptoRng;

use super::{NtsRefusal, NtsRequest, ProtectedResponse};
use crate::Keyring;
use crate::packet::inside::Inside;

/// The list of leap seconds that a server gives to clients that ask for it.
///
/// Experimental, behind `unstable-leap-ef`. [`LeapListField`] tells the layout.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{PrivateExtensionType, ServerResponder, SystemState};
/// use horolog_nts::{Keyring, LeapListOffer, NtsServer};
///
/// let responder = ServerResponder::new(SystemState::local_primary());
/// let mut server = NtsServer::new(responder, Keyring::new(1, &[9; 32]));
/// server.set_leap_list(Some(LeapListOffer {
///     field_type: PrivateExtensionType::LEAP_LIST,
///     list: &[0x00, 0x11, 0x11, 0x11, 0x12, 0x11, 0x34, 0x31, 0x21, 0x12, 0x22, 0x9d, 0x56, 0x52, 0xf4],
/// }));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LeapListOffer<'l> {
    /// The type of the field: [`PrivateExtensionType::LEAP_LIST`] unless clients know of another.
    pub field_type: PrivateExtensionType,
    /// The list in its compact binary form. It is not looked at here. One that is empty or has more
    /// than 65535 octets is not given to anybody.
    pub list: &'l [u8],
}

impl LeapListOffer<'_> {
    /// The field for a request, if it asks for one.
    fn inside(&self, request: &NtsRequest<'_, '_>) -> Option<Inside<'_>> {
        let asked = request.leap_list_request(self.field_type.get())?;
        let answer = asked.answer(self.list).ok()?;
        Some(Inside::leap_list(self.field_type.get(), answer))
    }
}

impl NtsRequest<'_, '_> {
    /// The field of this type by which the client asks for the list of leap seconds, if it does.
    ///
    /// The first of the type counts, and only where it is encrypted and says nothing.
    #[must_use]
    pub fn leap_list_request(&self, field_type: ExtensionType) -> Option<LeapListField<'static>> {
        let field = self
            .encrypted_fields()
            .find(|field| field.field_type == field_type)?;
        let asked = LeapListField::decode_value(field.value).ok()?;
        asked
            .is_request()
            .then(|| LeapListField::request(asked.room()))
    }

    /// As [`write_response`](Self::write_response), with the list of leap seconds where the client
    /// [asks](Self::leap_list_request) for it.
    ///
    /// The field is encrypted and as long as the client's. A list that is longer than it has room for
    /// is left out, and its length told. The response is as long as without it: rather than the
    /// first cookie the field is left out, and rather than the field the other cookies.
    ///
    /// # Errors
    ///
    /// As [`write_response`](Self::write_response).
    pub fn write_response_with_leap_list(
        &self,
        header: &Header,
        keyring: &Keyring,
        rng: &mut impl CryptoRng,
        offer: Option<LeapListOffer<'_>>,
        buffer: &mut [u8],
    ) -> Result<ProtectedResponse, NtsRefusal> {
        let inside = offer.as_ref().and_then(|offer| offer.inside(self));
        let inside = inside.unwrap_or_default();
        self.write_response_with(header, keyring, rng, inside, buffer)
    }
}
