//! The rules that a platform is held against.

/// What a platform must do, by a name that stays.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Its name.
    pub(super) id: &'static str,
    /// Where it comes from: a section of the SCMI wire reference, of the virtio device's requirements (R1 to R22), or
    /// what hurts Linux.
    pub(super) section: &'static str,
    /// What must be.
    pub(super) text: &'static str,
}

/// Names the rules, and lists them in the order of the documents.
macro_rules! rules {
    ($($name:ident = $id:literal, $section:literal, $text:literal;)*) => {
        $(pub(super) const $name: &Rule = &Rule { id: $id, section: $section, text: $text };)*

        /// All of them.
        pub(super) const ALL: &[&Rule] = &[$($name),*];
    };
}

rules! {
    ANSWERED = "answered", "virtio R3", "every command is answered, and the platform goes on";
    HEADER = "header", "1", "the header of an answer is the command's, bit for bit";
    HEADER_TYPE = "header-type", "2.1 step 2", "a command whose type is not 0 is PROTOCOL_ERROR, its header echoed";
    HEADER_RESERVED = "header-reserved", "2.1 step 2", "reserved bits of a command's header are ignored and echoed";
    NO_HEADER = "no-header", "2.1 step 1", "a command without a whole header has no answer, and its buffer comes back";
    STATUS_KNOWN = "status-known", "2", "a status is one of the table, or a vendor's (-128 and below)";
    STATUS_ALONE = "status-alone", "virtio R4", "on an error the answer is the status alone, 8 bytes";
    LAYOUT = "layout", "6 to 8", "an answer is as long as its record in the version that is spoken";
    RESERVED_ZERO = "reserved-zero", "conventions", "bits of an answer that have no name are 0";
    ROOM = "room", "10", "an answer that does not fit the room that is offered is an error in 8 bytes, not cut";
    NAME_ENDED = "name-ended", "3.2", "a name ends with a NUL within its field";
    NAME_TEXT = "name-text", "3.2", "a name is not empty, and is text: ASCII, a sensor's UTF-8";
    NAME_EXTENDED = "name-extended", "3.2", "who announces a long name has one, which begins with the short one";
    CLOCK_NAMES = "clock-names", "Linux A", "no two clocks have the same name";
    PROTOCOL_UNKNOWN = "protocol-unknown", "2.1 step 3", "a protocol that is not there is NOT_SUPPORTED";
    MESSAGE_UNKNOWN = "message-unknown", "2.1 step 4", "a message that is not there is NOT_FOUND";
    MANDATORY = "mandatory", "14", "messages that every platform must have are there";
    ATTRIBUTES_AGREE = "attributes-agree", "3", "MESSAGE_ATTRIBUTES says of a message what the message itself says";
    ATTRIBUTES_UNKNOWN = "attributes-unknown", "3", "MESSAGE_ATTRIBUTES of a message that the version does not have is NOT_FOUND";
    ATTRIBUTES_ZERO = "attributes-zero", "3", "message attributes are 0 where the protocol gives them no meaning";
    LENGTH_SHORT = "length-short", "2.1 step 5", "a command that is too short is PROTOCOL_ERROR";
    LENGTH_LONG = "length-long", "2.1 step 5", "a command that is too long is PROTOCOL_ERROR";
    ID_UNKNOWN = "id-unknown", "2.1 step 6", "an id that does not exist is NOT_FOUND";
    EVERY_ID = "every-id", "conventions", "ids are dense: each below the number that is announced is there";
    RESERVED_BITS = "reserved-bits", "2.1 step 7", "a reserved bit in a command's flags is INVALID_PARAMETERS";
    NOT_OFFERED = "not-offered", "2.1 step 8", "what is not there for an id (notification, asynchronous reading) is NOT_SUPPORTED";
    READS = "reads", "2.1", "a read of what exists is answered with values, or refused for a reason that can be";
    DELAYED = "delayed", "4", "an asynchronous read has its delayed response, after the immediate one";
    LIST_COUNT = "list-count", "3.3", "a page has as many entries as it says";
    LIST_SUM = "list-sum", "3.3", "index, returned and remaining add up to the same on every page";
    LIST_PROGRESS = "list-progress", "3.3", "a page that leaves something has something, so that every list ends";
    LIST_INDEX = "list-index", "3.3", "an index beyond the list is the error of its command";
    LIST_ORDER = "list-order", "3.3", "entries are in ascending order; descriptors, in the order of their ids";
    BASE_PROTOCOLS = "base-protocols", "6", "the protocols are listed in ascending order, without Base, as many as announced";
    BASE_PADDING = "base-padding", "6", "the list of protocols is padded with zeros to whole words";
    BASE_SKIP = "base-skip", "3.3", "skipping all protocols gives none; skipping more is INVALID_PARAMETERS";
    BASE_LISTED = "base-listed", "6", "a protocol that is listed answers PROTOCOL_VERSION";
    BASE_AGENTS = "base-agents", "6", "agents from 1 on have names, 0 is the platform, 0xFFFFFFFF whoever asks";
    NEGOTIATE = "negotiate", "3", "a version that nobody can speak is not negotiated: NOT_SUPPORTED";
    NEGOTIATED = "negotiated", "3", "after a negotiation the negotiated version holds, and the reported one can be had back";
    FAST_CHANNELS = "fast-channels", "virtio 1", "fast channels are not announced over virtio, and asking for one is NOT_SUPPORTED";
    POWERCAP_TREE = "powercap-tree", "8.9", "power caps are a tree: a parent exists, and nobody is above itself";
    PARENTS_EXIST = "parents-exist", "Linux A", "the possible parents of a clock are clocks";
    NOTIFY_OFFERED = "notify-offered", "4", "a notification that is offered can be turned on, again, and off";
    SET_SAME = "set-same", "8", "what was read can be set, unless this agent may not";
    SET_READ_BACK = "set-read-back", "8", "what was set is read back";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_the_documents_have_them_all() {
        let names: BTreeSet<&str> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(names.len(), ALL.len());
        let rows: Vec<String> = ALL
            .iter()
            .map(|rule| format!("| `{}` | {} | {} |", rule.id, rule.section, rule.text))
            .collect();
        let document = include_str!("../../../../docs/check.md");
        let listed: Vec<&str> = document.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(listed, rows);
    }
}
