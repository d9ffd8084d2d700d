//! What the calls of several protocols do alike.

/// What the asking sides of protocols with one kind of items have: they say what they are, in which version, and of how
/// many items. Their fields are `version` and `count`.
macro_rules! counted {
    ($name:ident, $items:literal) => {
        impl core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("version", &self.version)
                    .field("count", &self.count)
                    .finish_non_exhaustive()
            }
        }

        impl $name<'_> {
            /// The version of the protocol.
            pub const fn version(&self) -> Version {
                self.version
            }

            #[doc = concat!("How many ", $items, " there are.")]
            pub const fn count(&self) -> u16 {
                self.count
            }
        }
    };
}

pub(super) use counted;
