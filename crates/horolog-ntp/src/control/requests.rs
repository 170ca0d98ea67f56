use super::{ControlMessage, OpCode};

/// The requests that `ntpq` makes. An association ID of [`SYSTEM`](ControlMessage::SYSTEM) asks
/// about the server as a whole.
impl<'a> ControlMessage<'a> {
    /// Asks for the system's status word and for all associations with theirs: see
    /// [`Associations`](super::Associations).
    #[must_use]
    pub const fn read_status(sequence: u16) -> Self {
        Self::request(OpCode::READ_STATUS, sequence)
    }

    /// Asks for the variables of the system or of a peer: those that the server thinks fit, or
    /// those whose names stand in [`data`](Self::data) with commas between them.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::ControlMessage;
    ///
    /// let request = ControlMessage {
    ///     data: b"stratum,offset",
    ///     ..ControlMessage::read_variables(1, ControlMessage::SYSTEM)
    /// };
    /// assert_eq!(request.encoded_len(), 28);
    /// ```
    #[must_use]
    pub const fn read_variables(sequence: u16, association: u16) -> Self {
        Self::about(OpCode::READ_VARIABLES, sequence, association)
    }

    /// Asks for the variables of a peer's reference clock, or of the system's.
    #[must_use]
    pub const fn read_clock_variables(sequence: u16, association: u16) -> Self {
        Self::about(OpCode::READ_CLOCK_VARIABLES, sequence, association)
    }

    /// Asks for a nonce, which [`read_mru`](Self::read_mru) needs: it proves that the sender's
    /// address is its own.
    #[must_use]
    pub const fn request_nonce(sequence: u16) -> Self {
        Self::request(OpCode::REQUEST_NONCE, sequence)
    }

    /// Asks for the most recently used client addresses, with a list of variables as data: the
    /// nonce and how much may come back.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::ControlMessage;
    ///
    /// let request = ControlMessage::read_mru(25, b"nonce=eead2c8e3bba4df8adf241d6, frags=32");
    /// assert_eq!(request.encoded_len(), 52);
    /// ```
    #[must_use]
    pub const fn read_mru(sequence: u16, data: &'a [u8]) -> Self {
        Self {
            data,
            ..Self::request(OpCode::READ_MRU, sequence)
        }
    }

    const fn about(opcode: OpCode, sequence: u16, association: u16) -> Self {
        Self {
            association,
            ..Self::request(opcode, sequence)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LeapIndicator;
    use hex_literal::hex;

    /// But for the leap indicator these are the octets of `ntpq`, frames 1, 3 and 54 of
    /// tests/data/mode6-ntpq-ntpsec123.hex; it sends no clock variables' request there.
    #[test]
    fn captured_requests() {
        for (request, octets) in [
            (
                ControlMessage::read_status(1),
                hex!("d60100010000000000000000"),
            ),
            (
                ControlMessage::read_variables(2, 17767),
                hex!("d60200020000456700000000"),
            ),
            (
                ControlMessage::request_nonce(24),
                hex!("d60c00180000000000000000"),
            ),
            (
                ControlMessage::read_clock_variables(3, 17767),
                hex!("d60400030000456700000000"),
            ),
        ] {
            let request = ControlMessage {
                leap: LeapIndicator::Unknown,
                ..request
            };
            let mut written = [0xa5; 12];
            request.encode(&mut written.as_mut_slice()).unwrap();
            assert_eq!(written, octets);
        }
    }
}
