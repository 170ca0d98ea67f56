//! Counts the instructions of each operation under callgrind and writes a table of them.
//!
//! The difference between two runs of different lengths leaves out what happens only once.

use std::error::Error;
use std::process::Command;

use horolog_benches::operations;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [index, times] = &arguments[..] {
        let (index, times): (usize, u64) = (index.parse()?, times.parse()?);
        let mut operations = operations();
        let operation = operations.get_mut(index).ok_or("no such operation")?;
        operation.repeat(times);
        return Ok(());
    }
    let wanted = arguments.first().map_or("", String::as_str);
    println!("| operation | instructions | to the first |");
    println!("| --- | ---: | ---: |");
    let mut first = ("", 1);
    for (index, operation) in operations().iter().enumerate() {
        let name = format!("{operation:?}");
        if !name.contains(wanted) {
            continue;
        }
        let rounds = operation.rounds();
        let (few, many) = (count(index, rounds)?, count(index, 2 * rounds)?);
        let each = many.saturating_sub(few) / rounds;
        if operation.group() != first.0 {
            first = (operation.group(), each.max(1));
        }
        let hundredths = each * 100 / first.1;
        println!(
            "| `{name}` | {each} | {}.{:02} |",
            hundredths / 100,
            hundredths % 100
        );
    }
    Ok(())
}

/// Instructions of this program, run under callgrind, with one operation done so many times.
fn count(index: usize, times: u64) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([index.to_string(), times.to_string()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .ok_or_else(|| format!("callgrind says: {text}"))?
        .1;
    Ok(count.trim().parse()?)
}
