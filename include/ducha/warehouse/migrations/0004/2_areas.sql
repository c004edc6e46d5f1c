-- An area that others are part of has a row of its own: what it counts is said where people look.
COMMENT ON VIEW mart.area_week IS
    'week × area: completion of its responsibilities, those of its parts (catalogue.area.parent_code) among them · newest release';
COMMENT ON TABLE mart.area_week_release IS
    'week × area: completion of its responsibilities, those of its parts (catalogue.area.parent_code) among them · every release';
