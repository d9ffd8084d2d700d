//! What is reached: functions by their addresses, so that nobody can know what they are called with.

/// Functions of any kind. Nobody calls them.
pub(crate) struct Table<const N: usize>([*const (); N]);

// SAFETY: addresses of functions, which are never used.
unsafe impl<const N: usize> Sync for Table<N> {}

impl<const N: usize> Table<N> {
    pub(crate) const fn new(functions: [*const (); N]) -> Self {
        Self(functions)
    }
}

/// Makes a static of functions.
macro_rules! table {
    ($name:ident: $($call:expr,)*) => {
        pub(crate) static $name: $crate::table::Table<{ [$(stringify!($call)),*].len() }> =
            $crate::table::Table::new([$($call as *const ()),*]);
    };
}

pub(crate) use table;
