"""Where the program meets the desktop around its window: notifications, tray, badge, and whether anybody is there."""
