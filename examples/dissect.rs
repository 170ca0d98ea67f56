//! Looks inside captured NTP packets and prints every one whole.
//!
//! It reads pcap and pcapng files, or payloads in hex, and never touches the network. With keys it
//! opens what NTS hides. It also takes messages of the NTS key establishment apart.

use core::error::Error;
use std::fs::File;
use std::io::{self, BufReader, IsTerminal as _, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};
use horolog_examples::cli::{self, Context, Outcome, Verdict, context};
use horolog_examples::dissect::capture::{Capture, Frame};
use horolog_examples::dissect::hex_lines::{HexError, HexLines};
use horolog_examples::dissect::interruptible::Interruptible;
use horolog_examples::dissect::json::PacketRecord;
use horolog_examples::dissect::layers::Datagram;
use horolog_examples::dissect::nts::key_log::exporter_secrets;
use horolog_examples::dissect::nts::keys::NtsKeys;
use horolog_examples::dissect::nts::keys_argument::KeysArgument;
use horolog_examples::dissect::nts::message::{self, KeMessage, RecordLine};
use horolog_examples::dissect::packet::{Dissection, Envelope};
use horolog_examples::dissect::skipped::Skipped;
use horolog_examples::dissect::text::Lines;
use horolog_examples::mac_key::KeyArgument;
use horolog_examples::stop::Signals;
use horolog_ntp::{MacKey, constants};
use horolog_time::UnixTime;
use serde::Serialize;

/// Look inside captured NTP packets.
#[derive(Debug, Parser)]
#[command(
    after_help = include_str!("src/dissect/help.txt").trim_ascii_end()
)]
struct Options {
    /// A pcap or pcapng file, or - for standard input, which is the default too
    #[arg(value_name = "FILE.pcap|-")]
    file: Option<PathBuf>,
    /// Read UDP payloads in hex, one a line, white space ignored
    #[arg(long, conflicts_with = "ports")]
    hex: bool,
    /// Look at this UDP port too, beside 123
    #[arg(long = "port", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    ports: Vec<u16>,
    /// Verify MACs with this key; ALGORITHM is md5, sha1, sha256, sha512 or aes-cmac
    #[arg(long = "mac-key", value_name = "ID:ALGORITHM:HEX")]
    mac_keys: Vec<KeyArgument>,
    /// Open NTS authenticators with the `EXPORTER_SECRET` lines of this TLS key log
    #[arg(long = "keylog", value_name = "FILE")]
    key_log: Option<PathBuf>,
    /// Open NTS authenticators with these keys in hex; AEAD is 15, 16, 17, 30 or 31
    #[arg(long = "keys", value_name = "AEAD:C2S:S2C")]
    nts_keys: Vec<KeysArgument>,
    /// Print the records of one NTS-KE message in hex, white space ignored; - is standard input
    #[arg(long, value_name = "HEX|-")]
    #[arg(conflicts_with_all = ["file", "hex", "ports", "mac_keys", "key_log", "nts_keys"])]
    ke_hex: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options: Options = cli::parse();
    if options.ke_hex.is_none() && options.file.is_none() && io::stdin().is_terminal() {
        let message = "no FILE, and standard input is a terminal";
        Options::command()
            .error(ErrorKind::MissingRequiredArgument, message)
            .exit();
    }
    cli::run(|| dissect(&options))
}

fn dissect(options: &Options) -> Outcome {
    let signals = Signals::listen().map_err(context("cannot listen to signals"))?;
    let mut printer = Printer {
        keys: options
            .mac_keys
            .iter()
            .map(KeyArgument::key)
            .collect::<Result<_, _>>()?,
        nts_keys: nts_keys(options)?,
        json: options.json,
        out: io::stdout(),
        verdict: Verdict::Good,
    };
    let (name, result) = if let Some(digits) = &options.ke_hex {
        read_message(digits, &mut printer, &signals)
    } else {
        read_packets(options, &mut printer, &signals)?
    };
    match result {
        Ok(()) => Ok(printer.verdict),
        // What a signal cuts off is no error of the file.
        Err(Trouble::Input(_)) if signals.should_stop() => Ok(printer.verdict),
        Err(Trouble::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(printer.verdict)
        }
        Err(Trouble::Output(error)) => Err(context("cannot write")(error).into()),
        Err(Trouble::Input(error)) => Err(context(name)(error).into()),
    }
}

/// The keys of `--keys` and those of the key log.
fn nts_keys(options: &Options) -> Result<NtsKeys, Context> {
    let Some(path) = &options.key_log else {
        return Ok(NtsKeys::new(&options.nts_keys, Vec::new()));
    };
    let name = path.display();
    let file = File::open(path).map_err(context(format!("cannot open {name}")))?;
    let secrets = exporter_secrets(BufReader::new(file)).map_err(context(name.to_string()))?;
    if secrets.is_empty() {
        cli::note(format_args!("warning: {name} has no EXPORTER_SECRET lines"));
    }
    Ok(NtsKeys::new(&options.nts_keys, secrets))
}

/// Prints all packets; gives back what to call their source.
fn read_packets(
    options: &Options,
    printer: &mut Printer<impl Write>,
    signals: &Signals,
) -> Result<(String, Result<(), Trouble>), Context> {
    let file = options.file.as_ref().filter(|file| file.as_os_str() != "-");
    let (name, reader): (_, Box<dyn Read>) = match file {
        Some(path) => {
            let what = context(format!("cannot open {}", path.display()));
            (
                path.display().to_string(),
                Box::new(File::open(path).map_err(what)?),
            )
        }
        None => (
            "standard input".to_owned(),
            Box::new(Interruptible::new(io::stdin(), signals.clone())),
        ),
    };
    let result = if options.hex {
        read_hex(reader, printer, signals)
    } else {
        read_capture(reader, &options.ports, printer, signals)
    };
    Ok((name, result))
}

/// What ends the work early.
enum Trouble {
    Input(Box<dyn Error + Send + Sync>),
    Output(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn input<E: Error + Send + Sync + 'static>(error: E) -> Trouble {
    Trouble::Input(error.into())
}

fn read_capture(
    reader: impl Read,
    more_ports: &[u16],
    printer: &mut Printer<impl Write>,
    signals: &Signals,
) -> Result<(), Trouble> {
    let ports = [&[constants::PORT], more_ports].concat();
    let mut skipped = Skipped::default();
    let result = read_frames(reader, &ports, &mut skipped, printer, signals);
    if skipped.has_unknown_link() {
        cli::note(format_args!("error: skipped {skipped}"));
        printer.verdict = Verdict::Bad;
    } else if !skipped.is_empty() {
        cli::note(format_args!("skipped {skipped}"));
    }
    result
}

fn read_frames(
    reader: impl Read,
    ports: &[u16],
    skipped: &mut Skipped,
    printer: &mut Printer<impl Write>,
    signals: &Signals,
) -> Result<(), Trouble> {
    let mut capture = Capture::new(reader).map_err(input)?;
    let mut frame = Frame::default();
    while !signals.should_stop() && capture.read(&mut frame).map_err(input)? {
        match Datagram::decode(frame.link, &frame.octets) {
            Ok(datagram) if datagram.has_port(ports) => {
                let envelope = Envelope {
                    index: frame.index,
                    time: frame.time,
                    route: Some((datagram.source, datagram.destination)),
                    length: datagram.length,
                    checksum: datagram.checksum,
                };
                printer.packet(envelope, datagram.payload)?;
            }
            Ok(_) => skipped.add_port(),
            Err(other) => skipped.add(other),
        }
    }
    Ok(())
}

fn read_hex(
    reader: impl Read,
    printer: &mut Printer<impl Write>,
    signals: &Signals,
) -> Result<(), Trouble> {
    let mut lines = HexLines::new(BufReader::new(reader));
    while !signals.should_stop() {
        match lines.read() {
            Ok(None) => break,
            Ok(Some(payload)) => {
                let envelope = Envelope {
                    index: lines.number(),
                    time: None,
                    route: None,
                    length: payload.len(),
                    checksum: None,
                };
                printer.packet(envelope, &payload)?;
            }
            Err(error @ HexError::Digits(_)) => printer.unreadable(lines.number(), &error)?,
            Err(error) => return Err(input(error)),
        }
    }
    Ok(())
}

/// Prints one message; gives back what to call its source.
fn read_message(
    digits: &str,
    printer: &mut Printer<impl Write>,
    signals: &Signals,
) -> (String, Result<(), Trouble>) {
    let (name, octets) = if digits == "-" {
        let reader = Interruptible::new(io::stdin(), signals.clone());
        ("standard input", message::read_hex(reader))
    } else {
        ("--ke-hex", message::read_hex(digits.as_bytes()))
    };
    let result = match octets {
        Ok(octets) if !signals.should_stop() => {
            let message = KeMessage::new(&octets);
            printer.message(&message).map_err(Trouble::from)
        }
        Ok(_) => Ok(()),
        Err(error) => Err(input(error)),
    };
    (name.to_owned(), result)
}

struct Printer<W> {
    keys: Vec<MacKey>,
    nts_keys: NtsKeys,
    json: bool,
    out: W,
    verdict: Verdict,
}

impl<W: Write> Printer<W> {
    fn packet(&mut self, envelope: Envelope, payload: &[u8]) -> io::Result<()> {
        let packet = Dissection::new(envelope, payload, &self.keys, &mut self.nts_keys);
        if !packet.is_good() {
            self.verdict = Verdict::Bad;
        }
        if self.json {
            self.record(&PacketRecord::from(&packet))
        } else {
            self.print(&Lines::new(&packet, now()).to_string())
        }
    }

    /// A line of input that is no payload.
    fn unreadable(&mut self, index: u64, error: &HexError) -> io::Result<()> {
        self.verdict = Verdict::Bad;
        if self.json {
            self.record(&PacketRecord::unreadable(index, error.to_string()))
        } else {
            self.print(&format!("#{index} unreadable\n   error  {error}\n"))
        }
    }

    fn message(&mut self, message: &KeMessage<'_>) -> io::Result<()> {
        if !message.is_good() {
            self.verdict = Verdict::Bad;
        }
        if self.json {
            RecordLine::all(message).try_for_each(|line| self.record(&line))
        } else {
            self.print(&message.to_string())
        }
    }

    fn record(&mut self, record: &impl Serialize) -> io::Result<()> {
        self.print(&(serde_json::to_string(record)? + "\n"))
    }

    /// Whole packets at once, so that whoever reads along sees no half of one.
    fn print(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

fn now() -> UnixTime {
    UnixTime::try_from(SystemTime::now()).unwrap_or(UnixTime::EPOCH)
}
