//! A device that a test plays by hand.

use core::cell::RefCell;
use std::rc::Rc;
use std::vec::Vec;

use scmi::Time;

use super::machine::Back;
use super::ring::{Chain, Ring};

/// What a scripted device does, and what it has.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// Whether commands stay with it instead of being answered by what they said.
    pub(crate) hold: bool,
    /// Commands that it has.
    pub(crate) held: Vec<Chain>,
    /// Event buffers that it has.
    pub(crate) buffers: Vec<Chain>,
    /// Events to send, as soon as there are buffers.
    pub(crate) events: Vec<Vec<u8>>,
    /// Times that it was reset.
    pub(crate) resets: usize,
}

/// A handle to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScriptBack(pub(crate) Rc<RefCell<Script>>);

impl Back for ScriptBack {
    fn run(&mut self, _now: Time, commands: &mut Ring, events: Option<&mut Ring>) {
        let mut script = self.0.borrow_mut();
        while let Some(chain) = commands.pop() {
            if script.hold {
                script.held.push(chain);
                continue;
            }
            let bytes = commands.read(&chain);
            commands.write(&chain, &bytes);
            let len = bytes.len().min(chain.room());
            commands.complete(chain.head.into(), u32::try_from(len).expect("small"));
        }
        let Some(events) = events else { return };
        while let Some(chain) = events.pop() {
            assert!(chain.readable.is_empty(), "R21: event buffers are writable only");
            script.buffers.push(chain);
        }
        while !script.events.is_empty() && !script.buffers.is_empty() {
            let (event, chain) = (script.events.remove(0), script.buffers.remove(0));
            events.write(&chain, &event);
            events.complete(chain.head.into(), u32::try_from(event.len()).expect("small"));
        }
    }

    fn reset(&mut self, _now: Time) {
        let mut script = self.0.borrow_mut();
        script.held.clear();
        script.buffers.clear();
        script.resets += 1;
    }
}
