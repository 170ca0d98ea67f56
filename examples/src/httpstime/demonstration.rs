use core::net::Ipv4Addr;
use std::thread;

use horolog_https::{RefusalList, TimeUrl};
use horolog_net::https::HttpsConfig;

use super::client::{print, show_rounds};
use super::serve::bind;
use super::{Asked, ask};
use crate::address::Family;
use crate::cli::{Outcome, Verdict, context};
use crate::say;
use crate::stop::Signals;
use crate::tls::{self, Identity};

/// Serves whole seconds on loopback, with a certificate made on the spot, and asks for them.
///
/// # Errors
///
/// Where loopback does not serve.
pub fn demonstrate() -> Outcome {
    let signals = Signals::listen().map_err(context("cannot listen to signals"))?;
    let here = Ipv4Addr::LOCALHOST;
    let (identity, authority) = Identity::ephemeral(vec![here.to_string()])?;
    let listener = bind((here, 0).into(), identity)?.without_httpstime();
    let url: TimeUrl = format!("https://{}", listener.local_address()?).parse()?;
    say!("no command given: asking an embedded server at {url}");
    say!("It tells whole seconds. Each request is to arrive when its second turns over.");
    let config = HttpsConfig::new(tls::provider(), tls::trust_only([authority])?);
    let serving = Signals::default();
    thread::scope(|scope| {
        let server = scope.spawn(|| listener.serve(&|| serving.should_stop(), &|_, _| {}));
        let observe = show_rounds(false, &url);
        let refusals = RefusalList::new();
        let asked = ask(&url, Family::Any, &config, refusals, &signals, observe);
        serving.stop();
        if let Ok(result) = server.join() {
            result?;
        }
        match asked? {
            Asked::Told(round) => print(false, &url, &round),
            Asked::Failed(error) => return Err(error.into()),
        }
        Ok(Verdict::Good)
    })
}
