//! The nom side of the decoders: what a parser returns, and parsers of the smallest parts.

use nom::error::{ErrorKind, ParseError};
use nom::{IResult, Parser};

use crate::{DecodeError, DecodeErrorKind};

/// Where a parser stopped, as what is left of its input, and why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    left: usize,
    kind: DecodeErrorKind,
}

/// What a parser returns.
pub(crate) type Parsed<'a, T> = IResult<&'a [u8], T, Fault>;

impl ParseError<&[u8]> for Fault {
    fn from_error_kind(input: &[u8], _: ErrorKind) -> Self {
        Self {
            left: input.len(),
            kind: DecodeErrorKind::Trailing {
                left: input.len(),
                after: "input",
            },
        }
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// A parser's failure at `input`.
#[cold]
pub(crate) fn fail(input: &[u8], kind: DecodeErrorKind) -> nom::Err<Fault> {
    nom::Err::Error(Fault {
        left: input.len(),
        kind,
    })
}

/// A parser's failure for want of octets.
#[cold]
pub(crate) fn truncated(input: &[u8], field: &'static str, needed: usize) -> nom::Err<Fault> {
    fail(
        input,
        DecodeErrorKind::Truncated {
            field,
            needed,
            left: input.len(),
        },
    )
}

/// `N` octets, the whole of a field.
pub(crate) fn array<'a, const N: usize>(
    field: &'static str,
) -> impl Parser<&'a [u8], Output = [u8; N], Error = Fault> {
    move |input: &'a [u8]| match input.split_first_chunk() {
        Some((octets, rest)) => Ok((rest, *octets)),
        None => Err(truncated(input, field, N)),
    }
}

/// `count` octets, the whole of a field.
pub(crate) fn octets<'a>(
    field: &'static str,
    count: usize,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = Fault> {
    move |input: &'a [u8]| match input.split_at_checked(count) {
        Some((octets, rest)) => Ok((rest, octets)),
        None => Err(truncated(input, field, count)),
    }
}

/// One octet.
pub(crate) fn u8<'a>(field: &'static str) -> impl Parser<&'a [u8], Output = u8, Error = Fault> {
    array(field).map(u8::from_be_bytes)
}

/// Two octets in network order.
pub(crate) fn u16<'a>(field: &'static str) -> impl Parser<&'a [u8], Output = u16, Error = Fault> {
    array(field).map(u16::from_be_bytes)
}

/// Four octets in network order.
pub(crate) fn u32<'a>(field: &'static str) -> impl Parser<&'a [u8], Output = u32, Error = Fault> {
    array(field).map(u32::from_be_bytes)
}

/// Turns a parser's result into one for the public, with the offset from the start of `whole`.
pub(crate) fn offset<'a, T>(
    whole: &[u8],
    parsed: Parsed<'a, T>,
) -> Result<(&'a [u8], T), DecodeError> {
    parsed.map_err(|error| match error {
        nom::Err::Error(fault) | nom::Err::Failure(fault) => {
            DecodeError::new(fault.kind, whole.len().saturating_sub(fault.left))
        }
        // No parser here is a streaming one.
        nom::Err::Incomplete(_) => DecodeError::new(
            DecodeErrorKind::Truncated {
                field: "input",
                needed: whole.len() + 1,
                left: whole.len(),
            },
            whole.len(),
        ),
    })
}

/// Runs `parser` over all of `whole`; octets left over are an error that names what they follow.
pub(crate) fn all<'a, T>(
    whole: &'a [u8],
    after: &'static str,
    mut parser: impl Parser<&'a [u8], Output = T, Error = Fault>,
) -> Result<T, DecodeError> {
    let (rest, value) = offset(whole, parser.parse(whole))?;
    if !rest.is_empty() {
        let kind = DecodeErrorKind::Trailing {
            left: rest.len(),
            after,
        };
        return Err(DecodeError::new(kind, whole.len() - rest.len()));
    }
    Ok(value)
}
