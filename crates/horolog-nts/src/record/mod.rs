//! Records of NTS key establishment: the reader, the record, and what its body holds.

mod body;
mod number_list;
mod reader;
#[expect(
    clippy::module_inception,
    reason = "the record is what the folder is about"
)]
mod record;
mod record_type;

pub use body::{MAX_COOKIE_LENGTH, MAX_SERVER_NAME_LENGTH};
pub use number_list::NumberList;
pub use reader::{MAX_MESSAGE_LENGTH, NextRecord, RecordReader};
pub use record::Record;
pub use record_type::RecordType;
