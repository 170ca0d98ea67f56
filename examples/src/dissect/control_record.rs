use horolog_ntp::control::{
    Associations, ClockStatus, ControlMessage, ErrorStatus, OpCode, PeerStatus, SystemStatus,
};
use serde::Serialize;

use super::escape::{hex, text};

/// A control message in JSON.
#[derive(Debug, Serialize)]
pub(super) struct ControlRecord {
    response: bool,
    error: bool,
    more: bool,
    opcode: u8,
    sequence: u16,
    /// The word in hex, as programs show it.
    status: String,
    association: u16,
    offset: u16,
    count: u16,
    /// In hex.
    data: String,
    /// What the opcode is called.
    name: String,
    /// What the status word says.
    status_text: Option<String>,
    /// The data as variables, where they are text.
    variables: Vec<VariableRecord>,
    /// The data as associations, where they are no text.
    associations: Vec<AssociationRecord>,
}

#[derive(Debug, Serialize)]
struct VariableRecord {
    name: String,
    value: Option<String>,
}

#[derive(Debug, Serialize)]
struct AssociationRecord {
    id: u16,
    status: String,
}

impl ControlRecord {
    pub(super) fn new(message: &ControlMessage<'_>, count: u16) -> Self {
        let (variables, associations) = if has_associations(message) {
            let associations = Associations::new(message.data).filter_map(Result::ok);
            let associations = associations.map(|association| AssociationRecord {
                id: association.id,
                status: word(association.status.to_bits()),
            });
            (Vec::new(), associations.collect())
        } else {
            let variables = message.variables().map(|variable| VariableRecord {
                name: text(variable.name),
                value: variable.value.map(text),
            });
            (variables.collect(), Vec::new())
        };
        Self {
            response: message.response,
            error: message.error,
            more: message.more,
            opcode: message.opcode.to_bits(),
            sequence: message.sequence,
            status: word(message.status),
            association: message.association,
            offset: message.offset,
            count,
            data: hex(message.data),
            name: name(message.opcode),
            status_text: status(message),
            variables,
            associations,
        }
    }
}

/// Whether the data are the list of associations and not text.
pub(super) fn has_associations(message: &ControlMessage<'_>) -> bool {
    message.opcode == OpCode::READ_STATUS
        && message.response
        && !message.error
        && message.association == ControlMessage::SYSTEM
}

/// What the status word says; requests have none.
pub(super) fn status(message: &ControlMessage<'_>) -> Option<String> {
    let word = message.status;
    if !message.response {
        return None;
    }
    Some(match (message.error, message.opcode, message.association) {
        (true, ..) => ErrorStatus::from_bits(word).to_string(),
        (_, OpCode::READ_CLOCK_VARIABLES | OpCode::WRITE_CLOCK_VARIABLES, _) => {
            ClockStatus::from_bits(word).to_string()
        }
        (_, _, ControlMessage::SYSTEM) => SystemStatus::from_bits(word).to_string(),
        _ => PeerStatus::from_bits(word).to_string(),
    })
}

/// A status word in hex.
pub(super) fn word(word: u16) -> String {
    format!("{word:#06x}")
}

/// The name of an opcode in lower case with hyphens, or `unknown`.
fn name(opcode: OpCode) -> String {
    opcode.name().map_or_else(
        || "unknown".to_owned(),
        |name| name.to_lowercase().replace([' ', '/'], "-"),
    )
}
