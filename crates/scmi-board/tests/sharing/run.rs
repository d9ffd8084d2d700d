//! Both are asked the same, and must say the same.

use core::fmt::Write as _;
use std::collections::{BTreeMap, VecDeque};

use scmi::platform::Space;

use crate::board::{self, Terms, View, count};
use crate::engine::Engine;
use crate::messages::{COMMANDS, SENSOR};
use crate::random::Random;
use crate::reference::{Reference, Reply};
use crate::requests::{READ_BACK, Step, next};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Boards, each with other agents.
    pub(crate) boards: u64,
    /// Commands that changed something, or could have.
    pub(crate) asked: u64,
    /// Of them, those that were refused, by status.
    pub(crate) refused: BTreeMap<i32, u64>,
    /// Answers that were read back.
    pub(crate) read: u64,
    /// Of them, those that were answered later.
    pub(crate) late: u64,
    /// Commands that succeeded at once, by name.
    pub(crate) succeeded: BTreeMap<&'static str, u64>,
    /// Notifications (type 3), delayed responses (type 2) and late answers (type 0), by header without its token.
    pub(crate) told: BTreeMap<u32, u64>,
    /// Agents that left.
    pub(crate) left: u64,
    /// Platforms that ended, and whose agents went on with another.
    pub(crate) ended: u64,
}

/// Steps before the board and the agents are other ones.
const LIFE: u64 = 1000;
/// Steps that are shown where the two differ.
const SHOWN: usize = 12;

/// Makes so many steps. Once in `mortal` steps, if that is not 0, the platform ends, and one that knows only what a keeper
/// was told takes its place. Nothing takes time then: the reference does not know what such an end does to what is under way.
pub(crate) fn run(steps: u64, seed: u64, mortal: usize) -> Done {
    let mut random = Random::new(seed);
    let mut ends = Random::new(!seed);
    let mut done = Done::default();
    let mut left = steps;
    while left > 0 {
        let now = left.min(LIFE);
        let mut world = World::new(random.next(), mortal == 0, &mut done);
        for _ in 0..now {
            let step = next(&mut world.random, &world.views);
            if let Err(difference) = world.step(step) {
                let at = steps - left + world.number;
                panic!("seed {seed}, step {at}: {difference}\n{}", world.history());
            }
            if mortal > 0
                && ends.once_in(mortal)
                && let Err(difference) = world.end()
            {
                let at = steps - left + world.number;
                panic!("seed {seed}, end after step {at}: {difference}\n{}", world.history());
            }
        }
        done.boards += 1;
        left -= now;
    }
    done
}

struct World<'d> {
    random: Random,
    views: Vec<View>,
    terms: Terms,
    engine: Engine,
    reference: Reference,
    number: u64,
    last: VecDeque<String>,
    done: &'d mut Done,
}

/// What the platform and the reference do not agree about, in words.
type Difference = String;

impl<'d> World<'d> {
    fn new(seed: u64, takes_time: bool, done: &'d mut Done) -> Self {
        let mut random = Random::new(seed);
        let mut views = vec![View::whole()];
        for _ in 0..1 + random.below(4) {
            views.push(View::any(&mut random));
        }
        views.push(View::looking());
        let terms = Terms::any(&mut random, takes_time);
        let mut engine = Engine::new(board::platform(&views, &terms));
        let mut reference = Reference::new(&views, terms.clone());
        for agent in 0..views.len() {
            engine.connect(agent);
            reference.connect(agent);
        }
        Self { random, views, terms, engine, reference, number: 0, last: VecDeque::new(), done }
    }

    fn step(&mut self, step: Step) -> Result<(), Difference> {
        self.number += 1;
        self.last.push_back(format!("{:6} {step}", self.number));
        if self.last.len() > SHOWN {
            self.last.pop_front();
        }
        match step {
            Step::Ask { agent, what, header, params } => {
                if !self.reference.is_connected(agent) {
                    self.engine.connect(agent);
                    self.reference.connect(agent);
                }
                let answer = self.compare(agent, header, &params)?;
                self.done.asked += 1;
                match answer {
                    Some(Err(status)) => *self.done.refused.entry(status).or_default() += 1,
                    Some(Ok(_)) => *self.done.succeeded.entry(what).or_default() += 1,
                    None => self.done.late += 1,
                }
                self.mail(false)?;
                self.board()?;
                let much = header & 0x3_FCFF >= 0x4009 && header & 0x3_FCFF <= 0x400B;
                if much && answer == Some(Ok(Vec::new())) {
                    self.read_all()
                } else {
                    self.read_some()
                }
            }
            Step::Leave { agent, comes_back } => {
                self.done.left += 1;
                self.engine.disconnect(agent);
                self.reference.disconnect(agent);
                if comes_back {
                    self.engine.connect(agent);
                    self.reference.connect(agent);
                }
                self.mail(false)?;
                self.board()?;
                self.read_all()
            }
            Step::Pass { millis } => {
                self.engine.pass(millis);
                self.reference.pass(millis);
                self.board()?;
                // Longer than twice any interval.
                self.mail(millis > 10_000)
            }
        }
    }

    /// The platform ends; another takes up what agents had set, and nobody feels it.
    fn end(&mut self) -> Result<(), Difference> {
        self.last.push_back("       the platform ends".to_owned());
        self.done.ended += 1;
        let before = self.engine.set();
        let connected = (0..self.views.len()).filter(|agent| self.reference.is_connected(*agent));
        self.engine.begin_anew(board::platform(&self.views, &self.terms), connected);
        let after = self.engine.set();
        if before != after {
            let lost: Vec<_> = before.iter().filter(|entry| !after.contains(entry)).collect();
            let new: Vec<_> = after.iter().filter(|entry| !before.contains(entry)).collect();
            return Err(format!("was set\n   lost {lost:?}\n   new  {new:?}"));
        }
        self.mail(false)?;
        self.board()?;
        self.read_all()
    }

    /// None where the answer comes later.
    fn compare(
        &mut self,
        agent: usize,
        header: u32,
        params: &[u32],
    ) -> Result<Option<Reply>, Difference> {
        let mut is = self.engine.ask(agent, header, params);
        let should = self.reference.ask(agent, header, params);
        // Of attributes only whether it is on; of readings all but the time.
        if let Some(Ok(words)) = &mut is {
            match header & 0x3_FCFF {
                0x5003 => *words = vec![words[0] & 1],
                0x5406 => words.truncate(2),
                _ => {}
            }
        }
        if is == should {
            return Ok(should);
        }
        Err(format!(
            "agent {agent} asks {header:#x} {params:x?}\n   is     {is:x?}\n   should {should:x?}\n{}",
            self.who()
        ))
    }

    /// What is on and off.
    fn board(&mut self) -> Result<(), Difference> {
        let (is, should) = (self.engine.state(), self.reference.state());
        if is == should {
            return Ok(());
        }
        Err(format!("the board\n   is     {is:x?}\n   should {should:x?}\n{}", self.who()))
    }

    /// Who was told what. Updates of sensors come by time: not to others than those who listen, and after long enough to all
    /// of them.
    fn mail(&mut self, updates_are_due: bool) -> Result<(), Difference> {
        let mut is = self.engine.mail(self.views.len());
        let should = self.reference.mail();
        let update = SENSOR << 10 | 3 << 8 | 1;
        for agent in 0..self.views.len() {
            let messages = is.entry(agent).or_default();
            let (updates, others) = messages.drain(..).partition(|words| words[0] == update);
            *messages = others;
            messages.iter_mut().for_each(without_time);
            messages.sort();
            self.updates(agent, updates, updates_are_due)?;
        }
        is.retain(|_, messages| !messages.is_empty());
        for words in is.values().flatten() {
            *self.done.told.entry(words[0] & 0x3_FFFF).or_default() += 1;
        }
        if is == should {
            return Ok(());
        }
        Err(format!("told\n   is     {is:x?}\n   should {should:x?}\n{}", self.who()))
    }

    fn updates(&self, agent: usize, updates: Vec<Vec<u32>>, due: bool) -> Result<(), Difference> {
        let should = self.reference.updates(agent);
        let good =
            |words: &Vec<u32>| words[1] == 0 && Some(words[2]) == should && words[3] == 42_500;
        let right = updates.iter().all(good) && (!due || should.is_none() || updates.len() == 1);
        if right {
            return Ok(());
        }
        Err(format!("agent {agent} got the updates {updates:x?}, listens to {should:?}"))
    }

    /// One resource, as all agents see it.
    fn read_some(&mut self) -> Result<(), Difference> {
        let (space, gets) = self.random.pick(READ_BACK);
        let id = self.random.below(count(space));
        self.read(space, gets, id)
    }

    fn read_all(&mut self) -> Result<(), Difference> {
        for (space, gets) in READ_BACK {
            for id in 0..count(*space) {
                self.read(*space, gets, id)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, space: Space, gets: &[&str], id: usize) -> Result<(), Difference> {
        for agent in 0..self.views.len() {
            let Some(own) = self.reference.own(agent, space, id) else { continue };
            if !self.reference.is_connected(agent) {
                continue;
            }
            for get in gets {
                // What is read for curiosity shall take no place from what is asked.
                if *get == "SENSOR_READING_GET" && self.terms.reading_takes_time(id) {
                    continue;
                }
                let command = COMMANDS.iter().find(|c| c.name == *get).expect("in the table");
                let rest = if *get == "PIN_SETTINGS_GET" { 0x4_0000 } else { 0 };
                let params = [own, rest];
                let _same =
                    self.compare(agent, command.header(), &params[..command.words.len()])?;
                self.done.read += 1;
            }
        }
        Ok(())
    }

    fn who(&self) -> String {
        let views = self.views.iter().enumerate();
        let views = views.map(|(agent, view)| format!("   agent {agent}: {view:?}\n"));
        views.chain(core::iter::once(format!("   {:?}\n", self.terms))).collect()
    }

    fn history(&mut self) -> String {
        let (is, should) = (self.engine.state(), self.reference.state());
        let mut text =
            format!("the board\n   is     {is:x?}\n   should {should:x?}\nthe last steps:\n");
        for step in &self.last {
            let _written = writeln!(text, "{step}");
        }
        text
    }
}

/// Of a reading that comes later the time is not compared.
fn without_time(words: &mut Vec<u32>) {
    match words[0] & 0x3_FFFF {
        0x5406 => words.truncate(4),
        0x5606 => words.truncate(5),
        _ => {}
    }
}
