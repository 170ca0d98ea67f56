//! A server's side: requests in, answers out.

mod answer;
mod answer_kind;
mod request_reader;
mod time_fields;

pub use answer::Answer;
pub use answer_kind::AnswerKind;
pub use request_reader::RequestReader;
pub use time_fields::TimeFields;
