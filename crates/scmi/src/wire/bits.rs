//! Words of bits: each has a meaning, and unknown ones survive.

/// Declares a newtype of a word with a named mask for each bit that is known, and any bits set.
macro_rules! bit_word {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$bit_meta:meta])* $bit:ident = $mask:expr, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub u32);

        impl $name {
            $( $(#[$bit_meta])* pub const $bit: u32 = $mask; )*

            /// Whether all bits of `mask` are set.
            pub const fn has(self, mask: u32) -> bool {
                self.0 & mask == mask
            }
        }
    };
}

pub(crate) use bit_word;
