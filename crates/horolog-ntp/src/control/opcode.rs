use super::code_point::code_points;

code_points! {
    /// What a control message asks for or answers, five bits.
    ///
    /// Defined in [RFC 9327 § 2](https://www.rfc-editor.org/rfc/rfc9327#section-2), table 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::OpCode;
    ///
    /// assert_eq!(OpCode::from_bits(2), OpCode::READ_VARIABLES);
    /// assert_eq!(OpCode::READ_VARIABLES.to_string(), "read variables");
    /// assert_eq!(OpCode::from_bits(13).to_string(), "13");
    /// ```
    OpCode, 0x1f;
    /// 1: the system's or a peer's status word, and for the system the list of associations.
    READ_STATUS = 1, "read status";
    /// 2: variables of the system or of a peer.
    READ_VARIABLES = 2, "read variables";
    /// 3: sets variables; authenticated.
    WRITE_VARIABLES = 3, "write variables";
    /// 4: variables of a reference clock.
    READ_CLOCK_VARIABLES = 4, "read clock variables";
    /// 5: sets variables of a reference clock; authenticated.
    WRITE_CLOCK_VARIABLES = 5, "write clock variables";
    /// 6: where to send traps.
    SET_TRAP = 6, "set trap address/port";
    /// 7: an event that a server reports unasked.
    TRAP_RESPONSE = 7, "trap response";
    /// 8: configuration at run time; authenticated.
    CONFIGURE = 8, "runtime configuration";
    /// 9: writes the configuration to a file; authenticated.
    EXPORT_CONFIGURATION = 9, "export configuration";
    /// 10: the most recently used client addresses; needs a nonce.
    READ_MRU = 10, "retrieve MRU stats";
    /// 11: a list in order, as of interfaces; authenticated.
    READ_ORDERED_LIST = 11, "retrieve ordered list";
    /// 12: a nonce for a request whose answer is far longer than itself.
    REQUEST_NONCE = 12, "request nonce";
    /// 31: takes back a trap.
    UNSET_TRAP = 31, "unset trap";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9327_section_2_every_value_of_the_five_bits_survives() {
        for bits in 0..=u8::MAX {
            assert_eq!(OpCode::from_bits(bits).to_bits(), bits & 31);
        }
        assert_eq!(
            (0..32)
                .filter_map(|bits| OpCode::from_bits(bits).name())
                .count(),
            13
        );
    }
}
