use horolog_https::AnswerKind;

/// What became of a client, or of one of its requests.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TimeEvent {
    /// A request was answered.
    Answered(AnswerKind),
    /// There were as many connections as there may be, in all or from one address, so this one was
    /// closed.
    TooMany,
    /// The TLS handshake failed.
    Tls(rustls::Error),
    /// It took too long for the handshake or a request, or asked for nothing more.
    Slow,
    /// It closed the connection, or the connection broke.
    HungUp,
}
