//! What `dissect` does: captures and hex lines, the packets in them, what NTS hides in these, and two
//! ways to print it all.

mod bounded_lines;
pub mod capture;
mod control_record;
pub mod escape;
pub mod field;
mod field_record;
mod field_text;
pub mod hex_lines;
mod input;
pub mod interruptible;
pub mod json;
pub mod layers;
pub mod nts;
pub mod packet;
pub mod skipped;
mod stamps;
pub mod text;
