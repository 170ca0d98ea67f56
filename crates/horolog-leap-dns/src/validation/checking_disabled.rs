use hickory_resolver::net::xfer::DnsHandle;
use hickory_resolver::proto::op::DnsRequest;

/// Asks for answers as they are: a resolver that validates is not to keep back those that it finds
/// bogus, as its trust anchors may be others (RFC 6840 § 5.9).
#[derive(Clone)]
pub(super) struct CheckingDisabled<H>(pub(super) H);

impl<H: DnsHandle> DnsHandle for CheckingDisabled<H> {
    type Response = H::Response;
    type Runtime = H::Runtime;

    fn send(&self, mut request: DnsRequest) -> H::Response {
        request.metadata.checking_disabled = true;
        self.0.send(request)
    }
}
