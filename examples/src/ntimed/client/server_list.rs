use std::fs;
use std::path::PathBuf;

use crate::address::HostPort;
use crate::cli::{Context, context};

/// The servers to ask: those of the command line, and those of a file.
#[derive(Clone, Debug, Default)]
pub struct ServerList {
    /// Of the command line.
    pub servers: Vec<HostPort>,
    /// A server a line, as on the command line; `#` and what follows it is a comment.
    pub file: Option<PathBuf>,
}

impl ServerList {
    /// All of them, each once. Reads the file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or has a line that is none, and where there is no server.
    pub(super) fn read(&self) -> Result<Vec<HostPort>, Context> {
        let mut servers = self.servers.clone();
        let what = "cannot read the servers";
        if let Some(path) = &self.file {
            let place = format!("{what}: {}", path.display());
            let text = fs::read_to_string(path).map_err(context(place.clone()))?;
            let read = parse(&text)
                .map_err(|(line, error)| context(format!("{place}, line {line}"))(error));
            servers.extend(read?);
        }
        let mut once = Vec::new();
        for server in servers {
            if !once.contains(&server) {
                once.push(server);
            }
        }
        if once.is_empty() {
            return Err(context(what)("there is none"));
        }
        Ok(once)
    }
}

/// The servers of a file, or the number of the first line that is none and what is wrong with it.
fn parse(text: &str) -> Result<Vec<HostPort>, (usize, &'static str)> {
    let mut servers = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let words = line.split('#').next().unwrap_or_default().trim();
        if words.contains(char::is_whitespace) {
            return Err((number, "expected one server a line"));
        }
        if !words.is_empty() {
            servers.push(words.parse().map_err(|error| (number, error))?);
        }
    }
    Ok(servers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_server_a_line() {
        let text = "# ours\ntime.example # the near one\n\n  192.0.2.1:124\n[2001:db8::1]:125\r\n";
        let servers = parse(text).unwrap();
        let names: Vec<_> = servers.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            ["time.example", "192.0.2.1:124", "[2001:db8::1]:125"]
        );
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn what_is_no_server_is_named_by_its_line() {
        for (text, line, error) in [
            ("a\nb c\n", 2, "expected one server a line"),
            ("a:0\n", 1, "the port must be a number from 1 to 65535"),
            ("#\n\n:1\n", 3, "the host must not be empty"),
        ] {
            assert_eq!(parse(text), Err((line, error)), "{text}");
        }
    }

    #[test]
    fn each_server_is_asked_once_and_nobody_is_an_error() {
        let server = |text: &str| text.parse::<HostPort>().unwrap();
        let list = ServerList {
            servers: vec![server("a"), server("a:123"), server("a:124")],
            file: None,
        };
        assert_eq!(list.read().unwrap(), [server("a"), server("a:124")]);
        let error = ServerList::default().read().unwrap_err();
        assert_eq!(
            crate::cli::chain(&error),
            "cannot read the servers: there is none"
        );
    }
}
