#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

extern crate alloc;

mod constants;
mod field;
mod head;
mod refusals;
mod search;
mod server;
mod url;

pub use constants::{MAX_FIELDS, MAX_HEAD_LENGTH, PATH};
pub use field::{FieldError, HttpsTime, decode_date};
pub use head::{HeadError, Response, ResponseReader, StatusCode, encode_request};
pub use refusals::{RefusalError, RefusalList};
pub use search::{Action, Round, Search, SearchConfig, SearchError};
pub use server::{Answer, AnswerKind, RequestReader, TimeFields};
pub use url::{TimeUrl, UrlError};
