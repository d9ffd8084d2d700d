//! Our agent and a platform that misbehaves on purpose: every call ends in its own answer or in an error, never in another's
//! answer, and a counter says why.

mod answers;
mod bench;
mod events;
mod random;
