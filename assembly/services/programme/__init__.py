"""The programme: places, events and their agendas, from a template to the last day."""
