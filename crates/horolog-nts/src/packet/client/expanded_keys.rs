use crate::SessionKeys;
use crate::aead::ExpandedKey;

/// The two keys of an association, expanded for all its messages.
pub(super) struct ExpandedKeys {
    pub(super) client_to_server: ExpandedKey,
    pub(super) server_to_client: ExpandedKey,
}

impl ExpandedKeys {
    /// Expands them.
    pub(super) fn new(keys: &SessionKeys) -> Self {
        Self {
            client_to_server: ExpandedKey::new(keys.client_to_server()),
            server_to_client: ExpandedKey::new(keys.server_to_client()),
        }
    }
}
