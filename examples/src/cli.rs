//! How programs end: exit status and the one line of an error.

use core::error::Error;
use core::fmt::Display;
use std::io;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use serde::Serialize;

/// What a program's main function returns to [`run`].
pub type Outcome = Result<Verdict, Box<dyn Error + Send + Sync>>;

/// Whether what was asked is done and true.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Exit status 0.
    Good,
    /// Exit status 1; the reasons were printed.
    Bad,
}

/// Runs a program's main function and turns its outcome into an exit status: 0 done and true, 1
/// could not or the answer is bad. (Wrong usage is 2, by clap.)
pub fn run(main: impl FnOnce() -> Outcome) -> ExitCode {
    match main() {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::FAILURE,
        Err(error) => {
            if !is_hangup(&*error) {
                report(&*error);
            }
            ExitCode::FAILURE
        }
    }
}

/// Reads the command line; for wrong usage, help and version ends the program.
///
/// What is wrong is told in one line, and a value that cannot be read without the value: it may be a
/// secret.
#[must_use]
pub fn parse<P: clap::Parser>() -> P {
    P::try_parse().unwrap_or_else(|error| match usage(&error) {
        Some(line) => {
            note(line);
            std::process::exit(error.exit_code())
        }
        None => error.exit(),
    })
}

/// Ends the program because its arguments do not go together: one line, and exit status 2.
pub fn refuse(what: &str) -> ! {
    note(format_args!("error: {what}"));
    std::process::exit(2)
}

/// Prints a line on standard output, as `println!` does, but never panics: see [`print()`].
#[macro_export]
macro_rules! say {
    ($($line:tt)*) => {
        $crate::cli::print(format_args!("{}\n", format_args!($($line)*)))
    };
}

/// What is wrong with a command line, in one line; nothing where it asks for a text.
fn usage(error: &clap::Error) -> Option<String> {
    let argument = error.get(ContextKind::InvalidArg);
    match (error.kind(), argument, error.source()) {
        (ErrorKind::ValueValidation, Some(argument), Some(cause)) => {
            Some(format!("error: {argument}: {}", chain(cause)))
        }
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, ..) => None,
        _ if error.use_stderr() => {
            // The first paragraph says it, the others how it could be right.
            let text = error.to_string();
            let paragraph = text.lines().take_while(|line| !line.trim().is_empty());
            let words: Vec<_> = paragraph.map(str::trim).collect();
            Some(words.join(" "))
        }
        _ => None,
    }
}

/// Whether whoever read along has gone: nobody is there to be told.
fn is_hangup(error: &(dyn Error + 'static)) -> bool {
    let error_of_io = error.downcast_ref::<io::Error>();
    error_of_io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        || error.source().is_some_and(is_hangup)
}

/// One line on standard error: the error and its causes.
pub fn report(error: &(dyn Error + 'static)) {
    note(format_args!("error: {}", chain(error)));
}

/// Prints a text on standard output. Where that cannot be, the program ends with exit status 1, and
/// without a word where whoever read along has gone.
pub fn print(text: impl Display) {
    let Err(error) = write_at_once(&mut io::stdout(), &text) else {
        return;
    };
    if error.kind() != io::ErrorKind::BrokenPipe {
        report(&context("cannot write")(error));
    }
    std::process::exit(1);
}

/// Prints a record as a line of JSON on standard output, as [`print()`] does.
pub fn print_json(record: &impl Serialize) {
    // Records hold nothing that JSON cannot say.
    let text = serde_json::to_string(record).unwrap_or_default();
    print(format_args!("{text}\n"));
}

/// Prints a line on standard error. Nothing ends where nobody reads it.
pub fn note(line: impl Display) {
    let _ = write_at_once(&mut io::stderr(), &format_args!("{line}\n"));
}

/// At once, so that the lines of several threads do not mix.
fn write_at_once(out: &mut impl io::Write, text: &impl Display) -> io::Result<()> {
    out.write_all(text.to_string().as_bytes())?;
    out.flush()
}

/// An error and its causes, joined by `: `; without those that the error in front says already.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

/// An error with a sentence in front of its cause.
#[derive(Debug)]
pub struct Context {
    what: String,
    cause: Box<dyn Error + Send + Sync>,
}

impl Display for Context {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Context {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}

/// Says what could not be done.
pub fn context<E: Into<Box<dyn Error + Send + Sync>>>(
    what: impl Into<String>,
) -> impl FnOnce(E) -> Context {
    move |cause| Context {
        what: what.into(),
        cause: cause.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Options {
        #[arg(long, required = true)]
        listen: String,
        #[arg(long, conflicts_with = "ipv6")]
        ipv4: bool,
        #[arg(long)]
        ipv6: bool,
        #[arg(long)]
        number: Option<u8>,
    }

    #[test]
    fn wrong_usage_is_told_in_one_line() {
        for (arguments, expected) in [
            (
                "",
                "error: the following required arguments were not provided: --listen <LISTEN>",
            ),
            (
                "--listen a --ipv4 --ipv6",
                "error: the argument '--ipv4' cannot be used with '--ipv6'",
            ),
            ("--lisden a", "error: unexpected argument '--lisden' found"),
            (
                "--listen a --number secret",
                "error: --number <NUMBER>: invalid digit found in string",
            ),
        ] {
            let arguments = ["program"].into_iter().chain(arguments.split_whitespace());
            let error = <Options as clap::Parser>::try_parse_from(arguments).unwrap_err();
            assert_eq!(usage(&error).as_deref(), Some(expected));
        }
        let help = <Options as clap::Parser>::try_parse_from(["program", "--help"]);
        assert_eq!(usage(&help.unwrap_err()), None);
    }

    #[test]
    fn a_reader_that_has_gone_is_not_told() {
        let error = |kind| context("cannot write")(io::Error::from(kind));
        assert!(is_hangup(&error(io::ErrorKind::BrokenPipe)));
        assert!(!is_hangup(&error(io::ErrorKind::StorageFull)));
        assert!(!is_hangup(&context("cannot write")("no")));
    }

    #[test]
    fn causes_are_joined() {
        let cause = io::Error::other("disk on fire");
        let error = context("cannot read keys")(cause);
        assert_eq!(chain(&error), "cannot read keys: disk on fire");
        // Some errors of others say what their cause says.
        let error = context("twice")(context("no luck: disk on fire")(io::Error::other(
            "disk on fire",
        )));
        assert_eq!(chain(&error), "twice: no luck: disk on fire");
    }
}
