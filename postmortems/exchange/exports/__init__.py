"""Exports of incidents as files, in their own layout or a site generator's."""
