use crate::rrset::{a, aaaa, list};
use crate::{LeapContent, LeapForm, RecordType, RrsetError, character_strings};

/// The records of one name and type, read.
///
/// Their order does not matter. Records that stand there twice count once. A resolver may have
/// added addresses of hosts, and a name may have other texts: such records are skipped and
/// [counted](Self::foreign). This can hide nothing, as what is left has to be whole:
///
/// * **A**: addresses outside of class E are foreign. Each other has to be a record with the right
///   CRC. With a record that ends the list, all together have to be a list, in which each TAI-UTC
///   follows from the leap seconds before it. Without one they are announcements, as they are at
///   `next`, where no record may end a list.
/// * **AAAA**: each address has to be the last second of a month. None is foreign, as nothing
///   would tell that one is missing.
/// * **TXT** and **TYPE65432**: one record has to be a list; the others are foreign, or the same list.
/// * **HINFO**: every record is taken.
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::{LeapForm, LeapRrset};
///
/// // The leap second of 1972-06, the address of a host, and the end of the list.
/// let answer = [[240, 15, 10, 108], [192, 0, 2, 1], [240, 25, 139, 173]];
/// let rrset = LeapRrset::decode(LeapForm::A, &answer)?;
/// let table = rrset.content().table().unwrap();
/// assert_eq!(table.leaps().len(), 1);
/// assert_eq!(rrset.foreign(), 1);
/// # Ok::<(), horolog_leap_dns::RrsetError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeapRrset {
    form: LeapForm,
    content: LeapContent,
    foreign: usize,
}

impl LeapRrset {
    /// Reads the data of each record, the octets behind its length.
    ///
    /// # Errors
    ///
    /// * [`RrsetError::Empty`] without records.
    /// * [`RrsetError::Length`] for an address that is not as long as those of its type.
    /// * [`RrsetError::CharacterStrings`] for a TXT or HINFO record that is not made of them.
    /// * [`RrsetError::Foreign`] where all addresses are those of hosts.
    /// * [`RrsetError::Address`] for an A record of class E with a wrong CRC or month, or that ends
    ///   the list where none is.
    /// * [`RrsetError::Announcements`] for two announcements of one month that differ.
    /// * [`RrsetError::Set`] for A records with an end that are no list.
    /// * [`RrsetError::LastSecond`] for an AAAA record that is no last second of a month.
    /// * [`RrsetError::LastSeconds`] for AAAA records that are no list.
    /// * [`RrsetError::List`] where no TXT or TYPE65432 record is a list.
    /// * [`RrsetError::Lists`] for two of them that differ.
    pub fn decode(form: LeapForm, rdata: &[impl AsRef<[u8]>]) -> Result<Self, RrsetError> {
        if rdata.is_empty() {
            let record_type = form.record_type();
            return Err(RrsetError::Empty { record_type });
        }
        let (content, foreign) = match form {
            LeapForm::A => a::decode(rdata)?,
            LeapForm::Next => a::decode_announcements(rdata)?,
            LeapForm::Aaaa => (LeapContent::List(aaaa::decode(rdata)?), 0),
            LeapForm::Txt => list::decode(RecordType::TXT, rdata, list::text)?,
            LeapForm::Binary => list::decode(RecordType::LEAP_BINARY, rdata, list::binary)?,
            LeapForm::HostInfo => {
                let records = rdata.iter().enumerate();
                let records = records
                    .map(|(index, rdata)| character_strings::host_info(index, rdata.as_ref()));
                (LeapContent::HostInfo(records.collect::<Result<_, _>>()?), 0)
            }
        };
        Ok(Self {
            form,
            content,
            foreign,
        })
    }

    /// The form of the records.
    #[must_use]
    pub const fn form(&self) -> LeapForm {
        self.form
    }

    /// What they say.
    #[must_use]
    pub const fn content(&self) -> &LeapContent {
        &self.content
    }

    /// What they say, without the records around it.
    #[must_use]
    pub fn into_content(self) -> LeapContent {
        self.content
    }

    /// How many records were skipped because they are not about leap seconds.
    #[must_use]
    pub const fn foreign(&self) -> usize {
        self.foreign
    }
}

#[cfg(test)]
mod tests;
