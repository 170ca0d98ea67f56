#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| horolog_fuzz::leap_list_field(octets));
