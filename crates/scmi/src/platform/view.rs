//! What an agent sees of a platform, under which ids, and what it may do with it (section 13.1).

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::rights::Rights;
use super::space::Space;
use crate::wire::{Status, U32};

/// The id by which an agent knows a resource. The platform's own id is a `usize`, and nothing but an agent's [`View`]
/// leads from one to the other: what is written into a message is a `Seen`, or it is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen(u32);

impl Seen {
    /// The id as a number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The id as a word of a message.
    pub const fn word(self) -> U32 {
        U32::new(self.0)
    }
}

/// What an agent sees of a platform. What it does not see does not exist for it.
#[derive(Clone, Debug, Default)]
pub struct View {
    spaces: [Sight; Space::ALL.len()],
}

/// What an agent sees of one space.
#[derive(Clone, Debug, Default)]
struct Sight {
    /// How many the platform has.
    total: usize,
    /// None where the agent sees all, under the platform's own ids.
    table: Option<Table>,
    /// By the platform's id; empty where everything is allowed.
    rights: Vec<Rights>,
    /// By the platform's id: what was taken from the agent. Empty where nothing can be.
    taken: Vec<bool>,
}

/// Which are seen, both ways.
#[derive(Clone, Debug)]
struct Table {
    platform: Vec<usize>,
    seen: Vec<Option<Seen>>,
}

impl Sight {
    fn find(&self, id: u32) -> Option<usize> {
        let id = usize::try_from(id).ok()?;
        match &self.table {
            None => (id < self.total).then_some(id),
            Some(table) => table.platform.get(id).copied(),
        }
    }
}

impl View {
    fn space(&self, space: Space) -> Option<&Sight> {
        self.spaces.get(space as usize)
    }

    fn space_mut(&mut self, space: Space) -> Option<&mut Sight> {
        self.spaces.get_mut(space as usize)
    }

    /// How many resources of a space the agent has.
    pub fn count(&self, space: Space) -> usize {
        self.space(space).map_or(0, |sight| match &sight.table {
            None => sight.total,
            Some(table) => table.platform.len(),
        })
    }

    /// The platform's id of the resource that the agent calls `id`.
    pub fn find(&self, space: Space, id: u32) -> Option<usize> {
        self.space(space)?.find(id)
    }

    /// The same of a resource that was not taken from the agent.
    ///
    /// # Errors
    /// [`Status::NOT_FOUND`] for what the agent does not see, [`Status::DENIED`] for what was taken from it.
    pub(super) fn usable(&self, space: Space, id: u32) -> Result<usize, Status> {
        let sight = self.space(space).ok_or(Status::NOT_FOUND)?;
        let id = sight.find(id).ok_or(Status::NOT_FOUND)?;
        if matches!(sight.taken.get(id), Some(true)) { Err(Status::DENIED) } else { Ok(id) }
    }

    /// What the agent calls the platform's resource `id`, if it sees it.
    pub fn seen(&self, space: Space, id: usize) -> Option<Seen> {
        let sight = self.space(space)?;
        match &sight.table {
            None if id < sight.total => u32::try_from(id).ok().map(Seen),
            None => None,
            Some(table) => *table.seen.get(id)?,
        }
    }

    /// Whether the agent sees the platform's resource `id`.
    pub fn sees(&self, space: Space, id: usize) -> bool {
        self.seen(space, id).is_some()
    }

    /// What the agent may do with the platform's resource `id`; nothing with what it does not see.
    pub fn rights(&self, space: Space, id: usize) -> Rights {
        let Some(sight) = self.space(space).filter(|_| self.sees(space, id)) else {
            return Rights::READ;
        };
        if sight.rights.is_empty() {
            return Rights::ALL;
        }
        sight.rights.get(id).copied().unwrap_or(Rights::READ)
    }

    /// Whether the platform's resource `id` was taken from the agent: it is there, but all that is asked of it is DENIED.
    pub fn is_taken(&self, space: Space, id: usize) -> bool {
        self.space(space).is_some_and(|sight| sight.taken.get(id).copied().unwrap_or(false))
    }

    /// What the agent sees of a space, by the platform's ids, where that is not everything.
    pub(super) fn listed(&self, space: Space) -> Option<&[usize]> {
        Some(&self.space(space)?.table.as_ref()?.platform)
    }

    /// Whether there is nothing of a space that the platform does have: then its protocol does not exist for the agent.
    pub(super) fn hides(&self, space: Space) -> bool {
        let empty = |table: &Table| table.platform.is_empty();
        self.space(space).is_some_and(|sight| sight.table.as_ref().is_some_and(empty))
    }

    /// Whether everything that the agent has of a space was taken from it.
    pub(super) fn is_all_taken(&self, space: Space) -> bool {
        let total = self.space(space).map_or(0, |sight| sight.total);
        let mut has = (0..total).filter(|id| self.sees(space, *id)).peekable();
        has.peek().is_some() && has.all(|id| self.is_taken(space, id))
    }

    /// Resources of a space can be taken from the agent.
    pub(super) fn can_take(&mut self, space: Space) {
        if let Some(sight) = self.space_mut(space) {
            sight.taken = vec![false; sight.total];
        }
    }

    /// Takes the platform's resource `id` from the agent.
    pub(super) fn take(&mut self, space: Space, id: usize) {
        if let Some(taken) = self.space_mut(space).and_then(|sight| sight.taken.get_mut(id)) {
            *taken = true;
        }
    }

    /// Gives everything back that was taken.
    pub(super) fn take_nothing(&mut self) {
        self.spaces.iter_mut().for_each(|sight| sight.taken.fill(false));
    }

    /// So many resources of a space there are.
    pub(super) fn set_total(&mut self, space: Space, total: usize) {
        if let Some(sight) = self.space_mut(space) {
            sight.total = total;
        }
    }

    /// The agent sees these of a space, and no others.
    ///
    /// # Errors
    /// [`BadList`].
    pub(super) fn show(&mut self, space: Space, ids: &[usize]) -> Result<(), BadList> {
        let Some(sight) = self.space_mut(space) else { return Ok(()) };
        if sight.table.is_some() {
            return Err(BadList::Again);
        }
        let mut seen = vec![None; sight.total];
        for (number, id) in (0..).zip(ids) {
            match seen.get_mut(*id) {
                None => return Err(BadList::Unknown(*id)),
                Some(Some(_)) => return Err(BadList::Twice(*id)),
                Some(place) => *place = Some(Seen(number)),
            }
        }
        sight.table = Some(Table { platform: ids.into(), seen });
        Ok(())
    }

    /// The agent may do this with a resource.
    ///
    /// # Errors
    /// [`BadList::Unknown`] where there is no such resource.
    pub(super) fn allow(&mut self, space: Space, id: usize, rights: Rights) -> Result<(), BadList> {
        let Some(sight) = self.space_mut(space) else { return Ok(()) };
        if sight.rights.is_empty() {
            sight.rights = vec![Rights::ALL; sight.total];
        }
        *sight.rights.get_mut(id).ok_or(BadList::Unknown(id))? = rights;
        Ok(())
    }
}

/// Why a list of resources cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadList {
    /// The space has one already.
    Again,
    /// The platform has no such resource.
    Unknown(usize),
    /// This one is there twice.
    Twice(usize),
}

impl fmt::Display for BadList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Again => f.write_str("there are two lists"),
            Self::Unknown(id) => write!(f, "there is no {id}"),
            Self::Twice(id) => write!(f, "{id} is there twice"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        let mut view = View::default();
        view.set_total(Space::Clock, 5);
        view.set_total(Space::Sensor, 2);
        view
    }

    #[test]
    fn what_is_not_named_is_seen_whole() {
        let view = view();
        assert_eq!((view.count(Space::Clock), view.count(Space::Pin)), (5, 0));
        assert_eq!((view.find(Space::Clock, 4), view.find(Space::Clock, 5)), (Some(4), None));
        assert_eq!((view.seen(Space::Clock, 4), view.seen(Space::Clock, 5)), (Some(Seen(4)), None));
        assert!(!view.hides(Space::Clock) && !view.hides(Space::Pin));
        assert_eq!(view.rights(Space::Clock, 4), Rights::ALL);
        assert_eq!(view.rights(Space::Clock, 5), Rights::READ);
    }

    #[test]
    fn a_list_gives_ids_by_position() {
        let mut view = view();
        view.show(Space::Clock, &[3, 0]).expect("good");
        assert_eq!(view.count(Space::Clock), 2);
        assert_eq!(
            [0, 1, 2, 3].map(|id| view.find(Space::Clock, id)),
            [Some(3), Some(0), None, None]
        );
        let seen = [0, 1, 2, 3, 4, 5].map(|id| view.seen(Space::Clock, id).map(Seen::number));
        assert_eq!(seen, [Some(1), None, None, Some(0), None, None]);
        view.allow(Space::Clock, 3, Rights(Rights::STATE)).expect("there");
        view.allow(Space::Clock, 2, Rights(Rights::STATE)).expect("there");
        let rights = [0, 2, 3].map(|id| view.rights(Space::Clock, id));
        assert_eq!(rights, [Rights::ALL, Rights::READ, Rights(Rights::STATE)], "2 is not seen");
        assert_eq!(view.allow(Space::Clock, 5, Rights::READ), Err(BadList::Unknown(5)));
    }

    #[test]
    fn lists_that_cannot_be_are_refused() {
        let mut view = view();
        assert_eq!(view.show(Space::Clock, &[0, 5]), Err(BadList::Unknown(5)));
        assert_eq!(view.show(Space::Clock, &[1, 0, 1]), Err(BadList::Twice(1)));
        assert_eq!(view.show(Space::Pin, &[0]), Err(BadList::Unknown(0)));
        view.show(Space::Sensor, &[]).expect("nothing");
        assert!(view.hides(Space::Sensor) && !view.hides(Space::Clock));
        assert_eq!(view.show(Space::Sensor, &[1]), Err(BadList::Again));
    }
}
