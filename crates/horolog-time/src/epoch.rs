//! The epochs and lengths that everything else is derived from. Each stands here once.

/// Seconds from the NTP prime epoch, 1900-01-01T00:00:00, to the Unix epoch, 1970-01-01T00:00:00.
///
/// Source: [RFC 5905 § 6](https://www.rfc-editor.org/rfc/rfc5905#section-6), figure 4.
pub const UNIX_EPOCH_IN_NTP_SECONDS: u32 = 2_208_988_800;

/// Nanoseconds in a second.
pub const NANOSECONDS_PER_SECOND: u32 = 1_000_000_000;

/// Seconds in a day of NTP and POSIX time, which do not count leap seconds.
pub const SECONDS_PER_DAY: u32 = 86_400;

/// The Modified Julian Day of 1970-01-01.
///
/// MJD 0 is 1858-11-17; leap-seconds.list gives MJD 15020 for 1900-01-01, 25567 days earlier.
pub const UNIX_EPOCH_IN_MJD: i32 = 40_587;
