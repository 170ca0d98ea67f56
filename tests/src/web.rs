use core::net::SocketAddr;
use std::fs;

use crate::peer::{Launcher, Peer, missing};
use crate::{Pki, Scratch, VirtualClock, free_port};

/// Web servers that tell the time: nginx, and Varnish behind hitch.
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    /// In the order in which they are to end.
    _peers: Vec<Peer>,
}

impl WebServer {
    /// Starts nginx at a free port of 127.0.0.1, with a clock that is wrong by these seconds. `None`
    /// where it is not installed.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn nginx(pki: &Pki, offset: f64) -> Option<Self> {
        let Some(nginx) = Launcher::new("/usr/sbin/nginx") else {
            return missing("nginx is not installed");
        };
        let launcher = match offset {
            0.0 => nginx,
            offset => nginx.with_clock(&VirtualClock::built()?.off_by(offset)),
        };
        let (scratch, address) = (Scratch::new(), free_address());
        let folder = scratch.path().display().to_string();
        let user = if crate::peer::is_root() {
            "user root;\n"
        } else {
            ""
        };
        let configuration = format!(
            "worker_processes 1; daemon off; master_process off;\n{user}\
             pid {folder}/nginx.pid; error_log {folder}/error.log;\n\
             events {{ worker_connections 64; }}\n\
             http {{\n\
             access_log off; client_body_temp_path {folder}/cb; proxy_temp_path {folder}/pt;\n\
             fastcgi_temp_path {folder}/ft; uwsgi_temp_path {folder}/ut; scgi_temp_path {folder}/st;\n\
             server {{\n\
             listen {address} ssl; ssl_protocols TLSv1.2 TLSv1.3;\n\
             ssl_certificate {}; ssl_certificate_key {};\n\
             location = /.well-known/time {{ add_header X-HTTPSTIME $msec always; return 204; }}\n\
             location = /date {{ return 204; }}\n\
             location = /page {{ return 200 \"hello\\n\"; }}\n\
             location = /moved {{ return 302 /.well-known/time; }}\n\
             location / {{ return 404; }}\n\
             }} }}\n",
            pki.certificate().display(),
            pki.key().display()
        );
        let file = scratch.write("nginx.conf", &configuration);
        let mut command = launcher.command();
        command.arg("-p").arg(scratch.path()).arg("-c").arg(file);
        command.arg("-e").arg(scratch.path().join("error.log"));
        Some(Self::start(address, vec![(command, scratch, address)]))
    }

    /// Starts Varnish behind hitch, which speaks TLS, at free ports of 127.0.0.1. `None` where one of
    /// them is not installed.
    ///
    /// # Panics
    ///
    /// Where they do not come up.
    #[must_use]
    pub fn varnish(pki: &Pki) -> Option<Self> {
        let varnish = Launcher::new("/usr/sbin/varnishd");
        let Some((varnish, hitch)) = varnish.zip(Launcher::new("/usr/sbin/hitch")) else {
            return missing("varnish or hitch is not there (.ci/peers gets them)");
        };
        let (behind, address) = (free_address(), free_address());
        let scratch = Scratch::new();
        let vcl = scratch.write(
            "time.vcl",
            "vcl 4.1;\nimport std;\nbackend default none;\n\
             sub vcl_recv {\n\
             if (req.url == \"/.well-known/time\") { return (synth(204)); }\n\
             return (synth(404));\n}\n\
             sub vcl_synth {\n\
             set resp.http.X-HTTPSTIME = std.time2real(now, 0.0);\n\
             return (deliver);\n}\n",
        );
        let mut varnishd = varnish.command();
        varnishd
            .args(["-F", "-j", "none", "-s", "malloc,16m"])
            .arg("-a")
            .arg(format!("{behind},PROXY"))
            .arg("-n")
            .arg(scratch.path().join("varnish"))
            .arg("-f")
            .arg(vcl);

        let front = Scratch::new();
        let [certificate, key] = [pki.certificate(), pki.key()]
            .map(|path| fs::read_to_string(path).expect("a file of the authority"));
        let pem = front.write("hitch.pem", &format!("{key}{certificate}"));
        let user = if crate::peer::is_root() {
            "user = \"nobody\"\n"
        } else {
            ""
        };
        let configuration = format!(
            "frontend = \"[{}]:{}\"\nbackend = \"[{}]:{}\"\npem-file = \"{}\"\n\
             write-proxy-v2 = on\nworkers = 1\n{user}alpn-protos = \"http/1.1\"\n",
            address.ip(),
            address.port(),
            behind.ip(),
            behind.port(),
            pem.display()
        );
        let file = front.write("hitch.conf", &configuration);
        let mut command = hitch.command();
        command.arg("--config").arg(file);
        let daemons = vec![(varnishd, scratch, behind), (command, front, address)];
        Some(Self::start(address, daemons))
    }

    fn start(
        address: SocketAddr,
        daemons: Vec<(std::process::Command, Scratch, SocketAddr)>,
    ) -> Self {
        let start = |(mut command, scratch, at): (_, _, SocketAddr)| {
            let mut peer = Peer::start(&mut command, scratch);
            peer.wait_for_port("tcp", at.port());
            peer
        };
        Self {
            address,
            _peers: daemons.into_iter().map(start).collect(),
        }
    }

    /// Where it serves.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

fn free_address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_port()))
}
