//! What other programs wrote: captures, and vectors in their form.

mod associations;
mod authenticators;
mod file;
mod messages;
mod probe_table;
mod probes;
mod records;
mod replies;
mod requests;
mod script;
