use bytes::BufMut;

use crate::TimeUrl;

/// Writes a request for the time: HEAD, on a connection that is to stay open.
///
/// Write it to the connection in one piece, so that it arrives at one time.
///
/// # Examples
///
/// ```
/// use horolog_https::{TimeUrl, encode_request};
///
/// let url: TimeUrl = "https://time.example:8443".parse()?;
/// let mut octets = Vec::new();
/// encode_request(&url, &mut octets);
/// let request = String::from_utf8(octets).unwrap();
/// assert!(request.starts_with("HEAD /.well-known/time HTTP/1.1\r\nHost: time.example:8443\r\n"));
/// assert!(request.ends_with("\r\n\r\n"));
/// # Ok::<(), horolog_https::UrlError>(())
/// ```
pub fn encode_request(url: &TimeUrl, out: &mut impl BufMut) {
    for part in [
        "HEAD ",
        url.path(),
        " HTTP/1.1\r\nHost: ",
        url.authority(),
        "\r\nUser-Agent: horolog-https/",
        env!("CARGO_PKG_VERSION"),
        "\r\nConnection: keep-alive\r\n\r\n",
    ] {
        out.put_slice(part.as_bytes());
    }
}
