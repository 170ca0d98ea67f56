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

/// That a parser stopped.
///
/// A [`Fault`] is larger than most of what is parsed, and carrying it costs more than the parsing.
/// Where speed matters a parser runs with this one first, and only if it fails again with `Fault`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Refused;

/// What a parser can fail with.
pub(crate) trait Failure: Sized {
    /// A failure at `input`.
    fn at(input: &[u8], kind: DecodeErrorKind) -> Self;
}

impl Failure for Fault {
    #[cold]
    fn at(input: &[u8], kind: DecodeErrorKind) -> Self {
        Self {
            left: input.len(),
            kind,
        }
    }
}

impl Failure for Refused {
    #[inline]
    fn at(_: &[u8], _: DecodeErrorKind) -> Self {
        Self
    }
}

/// What a parser returns.
pub(crate) type Parsed<'a, T, E = Fault> = IResult<&'a [u8], T, E>;

impl ParseError<&[u8]> for Fault {
    fn from_error_kind(input: &[u8], _: ErrorKind) -> Self {
        let after = "input";
        let left = input.len();
        Self::at(input, DecodeErrorKind::Trailing { left, after })
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl ParseError<&[u8]> for Refused {
    fn from_error_kind(_: &[u8], _: ErrorKind) -> Self {
        Self
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// A parser's failure at `input`.
#[inline]
pub(crate) fn fail<E: Failure>(input: &[u8], kind: DecodeErrorKind) -> nom::Err<E> {
    nom::Err::Error(E::at(input, kind))
}

/// A parser's failure for want of octets.
#[inline]
pub(crate) fn truncated<E: Failure>(
    input: &[u8],
    field: &'static str,
    needed: usize,
) -> nom::Err<E> {
    let left = input.len();
    let kind = DecodeErrorKind::Truncated {
        field,
        needed,
        left,
    };
    fail(input, kind)
}

/// A parser's failure for a field that holds what it must not hold.
#[inline]
pub(crate) fn unexpected<E: Failure>(
    input: &[u8],
    field: &'static str,
    value: u32,
    expected: &'static str,
) -> nom::Err<E> {
    let kind = DecodeErrorKind::Value {
        field,
        value,
        expected,
    };
    fail(input, kind)
}

/// `N` octets, the whole of a field.
#[inline]
pub(crate) fn array<'a, const N: usize, E>(
    field: &'static str,
) -> impl Parser<&'a [u8], Output = [u8; N], Error = E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    move |input: &'a [u8]| match input.split_first_chunk() {
        Some((octets, rest)) => Ok((rest, *octets)),
        None => Err(truncated(input, field, N)),
    }
}

/// `count` octets, the whole of a field.
#[inline]
pub(crate) fn octets<'a, E>(
    field: &'static str,
    count: usize,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    move |input: &'a [u8]| match input.split_at_checked(count) {
        Some((octets, rest)) => Ok((rest, octets)),
        None => Err(truncated(input, field, count)),
    }
}

/// One octet.
#[inline]
pub(crate) fn u8<'a, E>(field: &'static str) -> impl Parser<&'a [u8], Output = u8, Error = E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    array(field).map(u8::from_be_bytes)
}

/// Two octets in network order.
#[inline]
pub(crate) fn u16<'a, E>(field: &'static str) -> impl Parser<&'a [u8], Output = u16, Error = E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    array(field).map(u16::from_be_bytes)
}

/// Four octets in network order.
#[inline]
pub(crate) fn u32<'a, E>(field: &'static str) -> impl Parser<&'a [u8], Output = u32, Error = E>
where
    E: Failure + ParseError<&'a [u8]>,
{
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
