use rustls::{ClientConnection, Connection, ConnectionCommon, ServerConnection};

use crate::{ExportError, KeyExporter};

/// A session as keys are exported from it, by the same words for each type of rustls.
macro_rules! export {
    ($(($($parameter:ident)?) $connection:ty;)*) => {
        $(impl$(<$parameter>)? KeyExporter for $connection {
            fn export(
                &self,
                label: &[u8],
                context: &[u8],
                output: &mut [u8],
            ) -> Result<(), ExportError> {
                self.export_keying_material(output, label, Some(context))
                    .map_err(|_| ExportError::Refused)
                    .map(|_| ())
            }
        })*
    };
}

export! {
    () ClientConnection;
    () Connection;
    (Data) ConnectionCommon<Data>;
    () ServerConnection;
}
