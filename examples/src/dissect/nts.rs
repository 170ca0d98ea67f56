//! NTS in captures: keys from the command line and from key logs, authenticators that they open, and
//! messages of the key establishment.

pub mod key_log;
pub mod keys;
pub mod keys_argument;
pub mod message;
mod message_record;
mod message_text;
pub mod opening;
