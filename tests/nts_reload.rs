//! SIGHUP while clients live on: certificates and keys of cookies are read again.

use std::fs;

use horolog_tests::{Pki, Program, Scratch, Serve, wait_for};

#[test]
fn sighup_brings_a_new_certificate() {
    let pki = Pki::new();
    pki.renew(&["other.test"], -1..30);
    let serve = Serve::start_nts(&pki, "");
    let ask = || serve.query_nts(&pki, 1);
    ask().assert_fails("certificate not valid for name");
    pki.renew(Pki::NAMES, -1..30);
    ask().assert_fails("certificate not valid for name");
    serve.signal("HUP");
    wait_for("the new certificate", || {
        (ask().status == Some(0)).then_some(())
    });
    // What is bad does not take the place of what is good.
    for (path, text, error) in [
        (pki.certificate(), "", "no certificate in it"),
        (pki.key(), "none", "cannot read key"),
    ] {
        pki.renew(&["other.test"], -1..30);
        fs::write(path, text).expect("a file");
        serve.signal("HUP");
        serve.wait_for_log(error);
        assert_eq!(ask().nts_samples(30).len(), 1);
    }
    // Nor does a key of another certificate.
    pki.renew(&["other.test"], -1..30);
    let other = Pki::new();
    fs::copy(other.key(), pki.key()).expect("a file");
    serve.signal("HUP");
    serve.wait_for_log("cannot use the certificate");
    assert_eq!(ask().nts_samples(30).len(), 1);
    assert_eq!(serve.log().lines().count(), 3, "{}", serve.log());
    assert!(serve.log().lines().all(|line| line.starts_with("error: ")));
    let counters = serve.terminate();
    let failures = counters["ke_tls"].as_u64();
    assert!(failures >= Some(2), "{counters}");
}

#[test]
fn sighup_brings_keys_of_cookies() {
    let pki = Pki::new();
    let kept = Scratch::new();
    let path = |name: &str| kept.path().join(name);
    let start = |name: &str, more: &str| {
        let store = path(name);
        Serve::start_nts(&pki, &format!("--keys file:{} {more}", store.display()))
    };
    let answers = start("own", "");
    let gives_keys = start("other", &format!("--advertise {}", answers.address()));
    let ask = || gives_keys.query_nts(&pki, 1);
    ask().assert_no_time();
    fs::copy(path("other"), path("own")).expect("a file");
    answers.signal("HUP");
    wait_for("the keys", || (ask().status == Some(0)).then_some(()));
    // A file that is none changes nothing.
    fs::write(path("own"), "no keys").expect("a file");
    answers.signal("HUP");
    answers.wait_for_log("error: cannot read cookie keys in ");
    assert_eq!(ask().nts_samples(30).len(), 1);
    drop(gives_keys);
    // But nobody starts with it.
    let files = (pki.certificate().display(), pki.key().display());
    let output = Program::new("serve")
        .args("--listen 127.0.0.1:0 --nts 127.0.0.1:0")
        .args(&format!("--cert {} --key {}", files.0, files.1))
        .args(&format!("--keys file:{}", path("own").display()))
        .run();
    output.assert_fails("cannot read cookie keys in ");
}
