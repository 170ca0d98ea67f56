//! Leap-second tables in every format: converts, shows, checks and asks them.

use core::net::Ipv4Addr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use horolog_examples::cli::{self, Context, Outcome, Verdict, context};
use horolog_examples::leap::{
    AnnouncementRecord, AnyError, AtRecord, DnsOptions, FetchedRecord, FetchedReport, Format,
    LeapKnowledge, Loaded, NO_LIST, Report, Summary, difference, load_any, loaded, system_list,
};
use horolog_examples::say;
use horolog_leap_a::LeapAnnouncement;
use horolog_leap_dns::{FINCH_NAME, LeapAnswer};
use horolog_leap_list::HashState;
use horolog_time::{LeapSign, Month, TaiUtc, UnixTime, UtcInstant};

/// Leap-second tables in every format of the field.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:\n  \
    leap show\n  \
    leap convert --from list --to txt /usr/share/zoneinfo/leap-seconds.list\n  \
    leap at 2016-12-31T23:59:60Z\n  \
    leap decode-a 244.23.35.255\n  \
    leap fetch --dnssec\n\
    Exit status: 0 done and true, 1 could not, or a list that is bad or expired, 2 wrong usage.")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a table in another format; what gets lost is told on standard error
    Convert(Convert),
    /// Print a table for people; without FILE the system's own
    Show(Show),
    /// Read files and names in the DNS, verify them, compare them
    Check(Check),
    /// What a table says of an instant: TAI-UTC, leap indicator, next leap second
    At(At),
    /// Read PHK's A records
    DecodeA(DecodeA),
    /// Write one of PHK's A records
    EncodeA(EncodeA),
    /// Ask the DNS for a table or an announcement
    Fetch(Fetch),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: leap convert --from list --to bin leap-seconds.list > leaps.bin")]
struct Convert {
    /// Format of FILE
    #[arg(long, value_name = "FORMAT", value_parser = formats_without(Format::Zone))]
    from: Format,
    /// Format to write
    #[arg(long, value_name = "FORMAT", value_parser = formats_without(Format::Tzif))]
    to: Format,
    /// Time of update for a list whose table has none [default: now]
    #[arg(long, value_name = "UTC")]
    updated: Option<UtcInstant>,
    /// The file to read, `-` for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: leap show --from txt leaps.txt")]
struct Show {
    /// Format of FILE [default: by its contents]
    #[arg(long, value_name = "FORMAT", value_parser = formats_without(Format::Zone))]
    from: Option<Format>,
    /// The instant that the expiry is compared with [default: now]
    #[arg(long, value_name = "UTC")]
    now: Option<UtcInstant>,
    /// The table as a JSON object
    #[arg(long)]
    json: bool,
    /// The file to read, `-` for standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Example: leap check /usr/share/zoneinfo/leap-seconds.list dns:leapsecond.dotat.at"
)]
struct Check {
    /// Format of the files [default: by their contents]
    #[arg(long, value_name = "FORMAT", value_parser = formats_without(Format::Zone))]
    from: Option<Format>,
    /// The instant that expiries are compared with [default: now]
    #[arg(long, value_name = "UTC")]
    now: Option<UtcInstant>,
    /// A JSON object for each file
    #[arg(long)]
    json: bool,
    /// The files to read, `-` for standard input, and names in the DNS
    #[arg(value_name = "FILE|dns:NAME", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    dns: DnsOptions,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: leap at 2016-12-31T23:59:60Z")]
struct At {
    /// The instant, such as 2016-12-31T23:59:60Z
    #[arg(value_name = "UTC")]
    instant: UtcInstant,
    /// The table [default: the system's own]
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Tell the last known value where the table has expired
    #[arg(long)]
    allow_expired: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: leap decode-a 244.23.35.255 244.34.36.97")]
struct DecodeA {
    /// A JSON object for each address
    #[arg(long)]
    json: bool,
    /// Addresses as a resolver answers them
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<Ipv4Addr>,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: leap encode-a --month 2015-06 --dtai 35 --delta +1")]
struct EncodeA {
    /// The month at whose end it happens
    #[arg(long, value_name = "YYYY-MM")]
    month: Month,
    /// TAI-UTC until then, in seconds
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    dtai: i32,
    /// What happens: +1, -1 or 0
    #[arg(long, allow_hyphen_values = true, value_parser = clap::value_parser!(i8).range(-1..=1))]
    delta: i8,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    leap fetch\n  \
    leap fetch --type txt --dnssec --to list > leap-seconds.list\n  \
    leap fetch --system leapsecond.utcd.org")]
struct Fetch {
    /// Format to write [default: for people]
    #[arg(long, value_name = "FORMAT", value_parser = formats_without(Format::Tzif))]
    to: Option<Format>,
    /// The instant that the expiry is compared with [default: now]
    #[arg(long, value_name = "UTC")]
    now: Option<UtcInstant>,
    /// The answer as a JSON object
    #[arg(long, conflicts_with = "to")]
    json: bool,
    /// The name
    #[arg(value_name = "NAME", default_value = FINCH_NAME)]
    name: String,
    #[command(flatten)]
    dns: DnsOptions,
}

/// The formats that an option takes: all but the one that is written only, or read only.
fn formats_without(unfit: Format) -> impl TypedValueParser<Value = Format> {
    let fit = Format::value_variants()
        .iter()
        .filter(move |format| **format != unfit);
    PossibleValuesParser::new(fit.filter_map(ValueEnum::to_possible_value))
        .try_map(|name| Format::from_str(&name, false))
}

fn main() -> ExitCode {
    let options: Options = cli::parse();
    if let Command::Check(Check { dns, .. }) | Command::Fetch(Fetch { dns, .. }) = &options.command
        && let Err(message) = dns.check()
    {
        let kind = ErrorKind::ArgumentConflict;
        Options::command().error(kind, message).exit();
    }
    cli::run(|| match &options.command {
        Command::Convert(arguments) => convert(arguments),
        Command::Show(arguments) => show_table(arguments),
        Command::Check(arguments) => check(arguments),
        Command::At(arguments) => at(arguments),
        Command::DecodeA(arguments) => Ok(decode_a(arguments)),
        Command::EncodeA(arguments) => encode_a(arguments),
        Command::Fetch(arguments) => fetch(arguments),
    })
}

fn convert(arguments: &Convert) -> Outcome {
    let loaded = load_any(&arguments.file, Some(arguments.from))?;
    loaded.warn_of_doubt(&arguments.file);
    let updated = arguments.updated.map_or_else(now, Ok)?;
    write_as(arguments.to, &arguments.file, &loaded, updated)?;
    Ok(Verdict::Good)
}

/// Writes a table in a format, and tells what gets lost.
fn write_as(to: Format, file: &Path, loaded: &Loaded, updated: UtcInstant) -> Result<(), Context> {
    let what = || format!("cannot write {} as {to}", file.display());
    let (octets, losses) = to.encode(&loaded.table, updated).map_err(context(what()))?;
    if !losses.is_empty() {
        cli::note(format_args!("warning: {to} cannot say all: {losses}"));
    }
    if to == Format::List && loaded.table.updated().is_none() {
        cli::note(format_args!(
            "warning: the table has no time of update, {updated} stands in for it"
        ));
    }
    write(&octets)
}

fn write(octets: &[u8]) -> Result<(), Context> {
    let mut out = std::io::stdout().lock();
    // Octets without a line end would be written only as the program ends, with nobody to tell.
    let written = out.write_all(octets).and_then(|()| out.flush());
    written.map_err(context("cannot write"))
}

fn show_table(arguments: &Show) -> Outcome {
    let file = arguments
        .file
        .clone()
        .or_else(system_list)
        .ok_or("no list of leap seconds is installed")?;
    let loaded = load_any(&file, arguments.from)?;
    loaded.warn_of_doubt(&file);
    let now = arguments.now.map_or_else(now, Ok)?;
    let text = if arguments.json {
        Format::Json.encode(&loaded.table, now)?.0
    } else {
        let report = Report {
            file: &file,
            loaded: &loaded,
        };
        report.to_string().into_bytes()
    };
    write(&text)?;
    Ok(expiry_verdict(&file, &loaded, now))
}

fn check(arguments: &Check) -> Outcome {
    let now = arguments.now.map_or_else(now, Ok)?;
    let mut verdict = Verdict::Good;
    let mut before: Vec<(&Path, Loaded)> = Vec::new();
    for file in &arguments.files {
        let name = file.to_str().and_then(|file| file.strip_prefix("dns:"));
        let loaded = match name {
            Some(name) => arguments.dns.load(name),
            None => load_any(file, arguments.from),
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                cli::report(&error);
                verdict = Verdict::Bad;
                continue;
            }
        };
        if arguments.json {
            cli::print_json(&Summary::new(file, &loaded));
        } else {
            say!("{}: {loaded}", file.display());
        }
        let verdicts = [
            wholeness_verdict(file, &loaded),
            expiry_verdict(file, &loaded, now),
        ];
        if verdicts.contains(&Verdict::Bad) {
            verdict = Verdict::Bad;
        }
        // With each of them: where one knows the month of the expiry alone, two others that agree
        // with it may still differ in its day.
        for (other, earlier) in &before {
            if let Some(difference) = difference(earlier, &loaded) {
                cli::note(format_args!(
                    "error: {} and {} differ in {difference}",
                    other.display(),
                    file.display()
                ));
                return Ok(Verdict::Bad);
            }
        }
        before.push((file, loaded));
    }
    Ok(verdict)
}

fn at(arguments: &At) -> Outcome {
    let file = arguments
        .list
        .clone()
        .or_else(system_list)
        .ok_or("no list of leap seconds is installed")?;
    let loaded = load_any(&file, None)?;
    loaded.warn_of_doubt(&file);
    let what = || format!("{}: {}", file.display(), arguments.instant);
    let record = AtRecord::new(&loaded.table, arguments.instant, arguments.allow_expired)
        .map_err(context(what()))?;
    if arguments.json {
        cli::print_json(&record);
    } else {
        cli::print(record);
    }
    Ok(Verdict::Good)
}

fn decode_a(arguments: &DecodeA) -> Verdict {
    let mut verdict = Verdict::Good;
    for address in &arguments.addresses {
        match LeapAnnouncement::from_addr(*address) {
            Ok(announcement) if arguments.json => {
                let record = AnnouncementRecord::from(announcement);
                cli::print_json(&record);
            }
            Ok(announcement) => say!("{announcement}"),
            Err(error) => {
                cli::note(format_args!("error: {address}: {error}"));
                verdict = Verdict::Bad;
            }
        }
    }
    verdict
}

fn encode_a(arguments: &EncodeA) -> Outcome {
    let event = match arguments.delta {
        0 => None,
        1 => Some(LeapSign::Positive),
        _ => Some(LeapSign::Negative),
    };
    let announcement =
        LeapAnnouncement::new(arguments.month, TaiUtc::from_seconds(arguments.dtai), event)?;
    if arguments.json {
        let record = AnnouncementRecord::from(announcement);
        cli::print_json(&record);
    } else {
        say!("{}", announcement.to_addr());
    }
    Ok(Verdict::Good)
}

fn fetch(arguments: &Fetch) -> Outcome {
    let now = arguments.now.map_or_else(now, Ok)?;
    let answer = arguments.dns.fetch(&arguments.name)?;
    let label = format!("dns:{}", arguments.name);
    let list = loaded(&answer);
    if let Some(to) = arguments.to {
        let what = || format!("cannot write {label} as {to}");
        let list = list.as_ref().ok_or(NO_LIST).map_err(context(what()))?;
        write_as(to, label.as_ref(), list, now)?;
    } else if arguments.json {
        cli::print_json(&FetchedRecord::from(&answer));
    } else {
        let (label, answer) = (&*label, &answer);
        write(FetchedReport { label, answer }.to_string().as_bytes())?;
    }
    warn_of_age(&label, &answer, now);
    Ok(list.map_or(Verdict::Good, |list| {
        expiry_verdict(label.as_ref(), &list, now)
    }))
}

/// An expired table is a bad answer, said plainly.
fn expiry_verdict(file: &Path, loaded: &Loaded, now: UtcInstant) -> Verdict {
    if !loaded.table.is_expired(now) {
        return Verdict::Good;
    }
    cli::note(format_args!(
        "error: {} expired on {}",
        file.display(),
        loaded.table.valid_until()
    ));
    Verdict::Bad
}

/// Announcements are true for ever, but say nothing of a later time.
fn warn_of_age(label: &str, answer: &LeapAnswer, now: UtcInstant) {
    let knowledge = LeapKnowledge::from_answer(answer);
    if let Some(known @ LeapKnowledge::Announcements(_)) = knowledge
        && now >= known.valid_until()
    {
        let until = known.valid_until();
        cli::note(format_args!(
            "warning: the newest announcement of {label} is good only until {until}"
        ));
    }
}

/// A list without its hash is a bad file; what never shows its end is told of.
fn wholeness_verdict(file: &Path, loaded: &Loaded) -> Verdict {
    if loaded.hash != Some(HashState::Absent) {
        loaded.warn_of_doubt(file);
        return Verdict::Good;
    }
    cli::note(format_args!(
        "error: {} has no hash: it may be cut off",
        file.display()
    ));
    Verdict::Bad
}

fn now() -> Result<UtcInstant, AnyError> {
    let now = UnixTime::try_from(SystemTime::now())?;
    // Without what is below a second, which no format says.
    Ok(UtcInstant::from_unix(UnixTime::from_seconds(
        now.seconds(),
    ))?)
}
