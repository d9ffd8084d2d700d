//! A platform, and beside it what each of its agents may expect.

use alloc::boxed::Box;
use core::time::Duration;
use std::vec::Vec;

use super::board::Board;
use super::input::Input;
use super::platform_model::{Counted, Expected};
use crate::platform::{AgentId, Link, Platform};
use crate::protocol::base::platform::Identity;
use crate::protocol::sensor::platform::SensorServer;
use crate::protocol::{base, sensor};
use crate::time::Time;
use crate::wire::{ProtocolId, Version};

/// Room in which every answer of these boards fits.
pub(super) const LARGE: usize = 200;

/// The world of [`super::platform_ops`].
pub(super) struct World {
    pub(super) platform: Platform,
    pub(super) board: Board,
    pub(super) now: Time,
    pub(super) agents: Vec<Expected>,
    pub(super) pending: usize,
    notifications: usize,
}

pub(super) fn id(index: usize) -> AgentId {
    AgentId::from_index(index).expect("few agents")
}

impl World {
    pub(super) fn new(input: &mut Input<'_>) -> Self {
        let board = if input.chance(64) { Board::any(input, 12) } else { Board::mixed() };
        let pending = if input.chance(64) { input.below(6) } else { 40 };
        let notifications = 1 + input.below(8);
        let mut builder = Platform::builder(Identity::default())
            .server(Box::new(SensorServer::new(Box::new(board.clone()))))
            .pending(pending)
            .notifications(notifications);
        let mut agents = Vec::new();
        for (name, apart) in [("one", 5), ("two", 0), ("three", 0)] {
            // The newest more often than the others.
            let old = input.chance(64);
            let choose = |versions: &[Version], input: &mut Input<'_>| {
                if old { input.pick(versions) } else { versions[versions.len() - 1] }
            };
            let versions =
                [choose(base::INFO.versions, input), choose(sensor::INFO.versions, input)];
            let told = [(ProtocolId::BASE, versions[0]), (ProtocolId::SENSOR, versions[1])];
            builder = builder.agent(name, &told);
            agents.push(Expected::new(versions, Duration::from_millis(apart)));
        }
        let mut platform = builder.build().expect("it fits together");
        for (index, agent) in agents.iter_mut().enumerate() {
            let p2a = index < 2;
            platform.connect(Time::ZERO, id(index), Link::new(p2a).apart(agent.apart));
            agent.connect(Some(p2a));
        }
        Self { platform, board, now: Time::ZERO, agents, pending, notifications }
    }

    pub(super) fn poll(&mut self, now: Time) {
        self.now = now;
        self.poll_at(now);
        // What is due has been done.
        let next = self.platform.next_deadline();
        assert!(next.is_none_or(|next| next > now), "{next:?} at {now:?}");
    }

    /// Time that runs backwards makes nothing due.
    pub(super) fn poll_earlier(&mut self, input: &mut Input<'_>) {
        let back = Duration::from_millis(input.byte().into());
        let nanos = self.now.since(Time::ZERO).saturating_sub(back).as_nanos();
        self.poll_at(Time::from_nanos(u64::try_from(nanos).expect("it was one")));
    }

    pub(super) fn poll_at(&mut self, now: Time) {
        let had: Vec<bool> = self.each(|platform, agent| platform.has_event(agent));
        while self.platform.poll_woken().is_some() {}
        self.platform.poll(now);
        let has: Vec<bool> = self.each(|platform, agent| platform.has_event(agent));
        let mut woken = Vec::new();
        while let Some(agent) = self.platform.poll_woken() {
            assert!(!woken.contains(&agent));
            woken.push(agent);
        }
        for (index, expected) in self.agents.iter_mut().enumerate() {
            let ready = expected.polled(now);
            if ready || !had[index] && has[index] {
                assert!(woken.contains(&id(index)), "nobody looks after agent {index}");
            }
        }
    }

    fn each<T>(&self, of: impl Fn(&Platform, AgentId) -> T) -> Vec<T> {
        (0..self.agents.len()).map(|index| of(&self.platform, id(index))).collect()
    }
    /// What holds at any time.
    pub(super) fn check(&self) {
        for (index, expected) in self.agents.iter().enumerate() {
            let counters = self.platform.counters(id(index)).expect("it is there");
            assert_eq!(Counted::from(counters), expected.counted, "agent {index}");
            let kinds: u64 = counters.refusals().iter().map(|refusal| refusal.count).sum();
            assert_eq!(kinds + counters.other_refusals(), counters.refused);
            let next = (self.platform.next_deadline(), expected.next_due());
            assert!(next.1.is_none() || next.0 <= next.1, "{next:?}");
        }
    }

    /// Everything that is promised comes, and then there is silence.
    pub(super) fn settle(&mut self) {
        self.poll(self.now.after(Duration::from_secs(1)));
        for agent in 0..self.agents.len() {
            self.late(agent);
            let before = self.agents[agent].counted.notifications;
            while self.event(agent, LARGE) {}
            let after = self.agents[agent].counted.notifications;
            assert!(after - before <= u64::try_from(self.notifications).expect("small"));
            assert!(self.agents[agent].put.is_empty(), "{:?}", self.agents[agent]);
            assert!(!self.platform.has_event(id(agent)));
        }
        self.check();
    }
}
