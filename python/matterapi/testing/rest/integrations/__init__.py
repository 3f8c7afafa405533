"""Webhooks, slash commands, buttons, dialogs and OAuth applications."""
