//! Keys of an association: how both sides take them from TLS.

mod exporter;
mod exporter_secret;
mod session_keys;

pub use exporter::{EXPORTER_LABEL, ExportError, KeyExporter, exporter_context};
pub use exporter_secret::ExporterSecret;
pub use session_keys::SessionKeys;
