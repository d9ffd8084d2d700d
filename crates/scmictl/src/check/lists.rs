//! Answers in pages.

use scmi::protocol::MessageInfo;
use scmi::protocol::perf;
use scmi::wire::{ProtocolId, Status, Version};

use super::asker::{Asker, Stopped};
use super::facts::Facts;
use super::layout::{Kind, kinds, params};
use super::messages::refused_with;
use super::report::Exchange;
use super::rules;

/// Pages that are asked for at most: no list has as many entries, and a count word has 16 bits for what remains.
const MOST_PAGES: u32 = 4096;

/// Items in ascending order: rates, levels, voltages.
const SORTED: [&str; 3] = ["rate", "level", "microvolts"];

/// Items that are numbered from 0 on.
const NUMBERED: [&str; 2] = ["id", "axis_id"];

/// Asks for a whole list, and for what is behind its end. Gives the facts of its pages, none where it was refused;
/// `selector` is what pin control's flags are.
pub(super) fn check(
    asker: &mut Asker<'_>,
    protocol: ProtocolId,
    info: &MessageInfo,
    id: u32,
    selector: u32,
) -> Result<Vec<Facts>, Stopped> {
    let kinds = kinds(info, asker.version);
    if !kinds.contains(&Kind::Index) {
        return Ok(Vec::new());
    }
    let ask = |asker: &mut Asker<'_>, index: u32| {
        let mut params = params(&kinds, id, index);
        select(&kinds, selector, &mut params);
        asker.ask(protocol, info.id, &params)
    };
    let mut pages: Vec<Facts> = Vec::new();
    let (mut index, mut total) = (0, None);
    for _ in 0..MOST_PAGES {
        let asked = ask(asker, index)?;
        let Some(answer) = asked.answer.as_deref().filter(|_| asked.values().is_some()) else {
            return Ok(pages);
        };
        let facts = Facts::of(answer, asker.version);
        let page = Page::of(&facts);
        page.judge(asker, &asked, &facts, index, total);
        total.get_or_insert(index + page.returned + page.remaining);
        let done = page.triplet || page.remaining == 0 || page.returned == 0;
        index += page.returned;
        pages.push(facts);
        if done {
            break;
        }
    }
    let triplet = pages.iter().any(|facts| facts.has("count.triplet"));
    if let Some(total) = total.filter(|_| !triplet) {
        let asked = ask(asker, total + 1)?;
        let error = beyond(protocol, asker.version);
        refused_with(asker, rules::LIST_INDEX, &asked, &[error(info.id.0)]);
    }
    Ok(pages)
}

/// Puts a selector into the flags of pin control.
pub(super) fn select(kinds: &[Kind], selector: u32, params: &mut [u32]) {
    let flags = kinds.iter().position(|kind| matches!(kind, Kind::Flags(_)));
    if let Some(flags) = flags.and_then(|at| params.get_mut(at)) {
        *flags |= selector;
    }
}

/// How an index beyond the list is refused, by the command.
fn beyond(protocol: ProtocolId, version: Version) -> impl Fn(u8) -> Status {
    move |message| match (protocol, message) {
        (ProtocolId::PERF, _) if version < perf::V4 => Status::INVALID_PARAMETERS,
        (ProtocolId::SENSOR, 0x3 | 0x7 | 0xD) => Status::INVALID_PARAMETERS,
        _ => Status::OUT_OF_RANGE,
    }
}

/// A page's count word.
struct Page {
    returned: u32,
    remaining: u32,
    triplet: bool,
}

impl Page {
    fn of(facts: &Facts) -> Self {
        Self {
            returned: facts.word("count.returned"),
            remaining: facts.word("count.remaining"),
            triplet: facts.has("count.triplet"),
        }
    }

    fn judge(
        &self,
        asker: &mut Asker<'_>,
        asked: &Exchange,
        facts: &Facts,
        index: u32,
        total: Option<u32>,
    ) {
        let Self { returned, remaining, triplet } = *self;
        let report = &mut asker.report;
        let items = u32::try_from(facts.items).unwrap_or(u32::MAX);
        // Ids of 16 bits are padded to a word, so their number is what the count says.
        let expected = || format!("{returned} entries, as the count says; there are {items}");
        report.judge(rules::LIST_COUNT, items == returned, asked, expected);
        if triplet {
            let held = returned == 3 && remaining == 0;
            let expected = || "a triplet: 3 returned, 0 remaining".into();
            report.judge(rules::LIST_COUNT, held, asked, expected);
            return;
        }
        let sum = index + returned + remaining;
        let held = total.is_none_or(|total| sum == total);
        let expected = || {
            format!("{} in all; {index}, {returned} and {remaining} make {sum}", total.unwrap_or(0))
        };
        report.judge(rules::LIST_SUM, held, asked, expected);
        let held = returned > 0 || remaining == 0;
        let expected = || format!("an entry at least, because {remaining} remain");
        report.judge(rules::LIST_PROGRESS, held, asked, expected);
        for name in SORTED {
            let items = facts.each(name);
            let held = items.windows(2).all(|pair| pair.first() < pair.last());
            if !items.is_empty() {
                report.judge(rules::LIST_ORDER, held, asked, || format!("{name}s that ascend"));
            }
        }
        for name in NUMBERED {
            let items = facts.each(name);
            let numbered = (i128::from(index)..).zip(&items).all(|(number, id)| number == *id);
            if !items.is_empty() {
                let expected = || format!("ids from {index} on");
                report.judge(rules::LIST_ORDER, numbered, asked, expected);
            }
        }
    }
}
